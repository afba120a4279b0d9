// What every adapter of the port must do, run against each of them, the one of this machine and the one on Lambda alike.
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TimedOut, waitUntil } from "@tidegate/kernel";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  FunctionBusy,
  FunctionCrashed,
  FunctionFailed,
  FunctionUnknown,
  FunctionUpdateFailed,
  ImageRefused,
  PayloadTooLarge,
} from "./errors.ts";
import { PAYLOAD_LIMIT_BYTES } from "./payload.ts";
import type { Functions } from "./port.ts";
import type { SampleTask } from "./testing/sample-function.ts";
import { waitForFunction } from "./wait-for-function.ts";

/** A function exists that runs `first`; its images are `sampleFunction("first")` and `sampleFunction("second")`. */
export interface FunctionsHarness {
  readonly functions: Functions;
  readonly name: string;
  readonly images: {
    readonly first: string;
    readonly second: string;
    /** Well formed, and nothing that can run: refused at once, or accepted and then failed. */
    readonly unusable: string;
  };
  /** Takes everything away and throws when something is left. */
  readonly close: () => Promise<void>;
}

/** What a platform may be unable to show, each with the reason: what needs it is left out, and the suite's title says so. */
export type Capability = "runs" | "images" | "refuses-images" | "names-errors" | "crashes";

export interface ConformanceOptions {
  readonly adapter: string;
  readonly open: () => Promise<FunctionsHarness>;
  /** Why a capability is missing. */
  readonly missing?: Readonly<Partial<Record<Capability, string>>>;
  /** Says why the whole suite cannot run here; undefined when it can. */
  readonly unavailable?: string | undefined;
  /** For one wait. Default 20,000. */
  readonly limitMs?: number;
}

/** Defines the suite. The tests build on each other and leave the function where they found it. The function's own limit is 2 s or more. */
export function functionsConformance(options: ConformanceOptions): void {
  const limitMs = options.limitMs ?? 20_000;
  const missing = options.missing ?? {};
  const reasons = [...new Set(Object.values(missing))];
  const without = reasons.length === 0 ? "" : `, without what it lacks: ${reasons.join("; ")}`;
  describe(`the port of functions: ${options.adapter}${without}`, () => {
    let harness: FunctionsHarness;
    let folder: string;
    beforeAll(async () => {
      if (options.unavailable !== undefined) return;
      folder = mkdtempSync(join(tmpdir(), "tidegate-functions-"));
      harness = await options.open();
    });
    afterAll(async () => {
      if (options.unavailable !== undefined) return;
      rmSync(folder, { recursive: true });
      await harness.close();
    });

    const can = (title: string, needed: readonly Capability[], test: () => Promise<void>): void => {
      if (needed.some((one) => missing[one] !== undefined)) return;
      it(title, async (context) => {
        context.skip(options.unavailable !== undefined, options.unavailable);
        await test();
      });
    };
    const invoke = async (task: SampleTask, signal?: AbortSignal): Promise<unknown> =>
      harness.functions.invoke(harness.name, task, { limitMs, ...(signal === undefined ? {} : { signal }) });
    const failureOf = async (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);
    const version = async (): Promise<unknown> => ((await invoke({ do: "return" })) as { version: string }).version;
    const update = async (image: string): Promise<void> => {
      await harness.functions.update(harness.name, { image });
      await waitForFunction(harness.functions, { name: harness.name, image, limitMs, everyMs: 50 });
    };
    const ledger = () => {
      const file = join(folder, randomUUID());
      const lines = (): readonly string[] => {
        try {
          return readFileSync(file, "utf8").split("\n").filter(Boolean);
        } catch {
          return [];
        }
      };
      return { file, lines };
    };

    can("describes a function", [], async () => {
      const status = await harness.functions.describe(harness.name);
      expect(status).toMatchObject({ name: harness.name, state: "ready" });
      expect(status.timeoutMs).toBeGreaterThanOrEqual(2_000);
    });

    can("says which image it runs", ["images"], async () => {
      expect((await harness.functions.describe(harness.name)).image).toBe(harness.images.first);
    });

    can("hands the payload over and gives what was returned, as JSON", ["runs"], async () => {
      const value = { text: "“ü”\n", nested: [null, true, { deep: 0.1 }], large: 2 ** 53 };
      expect(await invoke({ do: "return", value })).toMatchObject({ version: "first", value });
      expect(await invoke({ do: "return-nothing" })).toBeNull();
    });

    can("runs it once for each invocation", ["runs"], async () => {
      const { file, lines } = ledger();
      await Promise.all([1, 2, 3].map(async () => invoke({ do: "return", ledger: file })));
      expect(lines()).toHaveLength(3);
    });

    can("tells that it threw, with the error's message, and does not run it again", ["runs"], async () => {
      const { file, lines } = ledger();
      const task = { do: "throw", name: "MigrationFailed", message: "relation exists", ledger: file } as const;
      const failure = await failureOf(invoke(task));
      expect(failure).toBeInstanceOf(FunctionFailed);
      expect(failure).toMatchObject({ details: { error: { message: "relation exists" }, timedOut: false } });
      expect((failure as FunctionFailed).message).toContain("relation exists");
      expect(lines()).toHaveLength(1);
    });

    can("tells the name of the error that it threw", ["runs", "names-errors"], async () => {
      const failure = await failureOf(invoke({ do: "throw", name: "MigrationFailed", message: "relation exists" }));
      expect(failure).toMatchObject({ details: { error: { name: "MigrationFailed" } } });
    });

    can("tells that it ended without an answer", ["runs", "crashes"], async () => {
      expect(await failureOf(invoke({ do: "exit" }))).toBeInstanceOf(FunctionCrashed);
      expect(await version()).toBe("first");
    });

    can("tells that it ran out of time, and does not run it again", ["runs"], async () => {
      const { file, lines } = ledger();
      const failure = await failureOf(invoke({ do: "hang", ledger: file }));
      expect(failure).toBeInstanceOf(FunctionFailed);
      expect((failure as FunctionFailed).details).toMatchObject({ timedOut: true });
      expect(lines()).toHaveLength(1);
    });

    can("stops waiting when it is aborted, with the signal's reason", ["runs"], async () => {
      const { file, lines } = ledger();
      const controller = new AbortController();
      const reason = new Error("nobody wants it any more");
      const failing = failureOf(invoke({ do: "hang", ledger: file }, controller.signal));
      await waitUntil(() => lines()[0], { what: "The function's start", limitMs, remedy: "-" });
      controller.abort(reason);
      expect(await failing).toBe(reason);
      expect(await failureOf(invoke({ do: "return", ledger: file }, controller.signal))).toBe(reason);
      expect(lines()).toHaveLength(1);
    });

    can("refuses a payload that is too large, and does not run it", [], async () => {
      const { file, lines } = ledger();
      const task = { do: "return", ledger: file, value: "x".repeat(PAYLOAD_LIMIT_BYTES) } as const;
      expect(await failureOf(invoke(task))).toBeInstanceOf(PayloadTooLarge);
      expect(lines()).toHaveLength(0);
    });

    can("is the other one after an update, and back", ["images"], async () => {
      const { functions, name, images } = harness;
      for (const image of [images.second, images.first]) {
        await update(image);
        expect(await functions.describe(name)).toMatchObject({ state: "ready", image });
      }
    });

    can("runs the other image after an update, and back", ["runs", "images"], async () => {
      await update(harness.images.second);
      expect(await version()).toBe("second");
      await update(harness.images.first);
      expect(await version()).toBe("first");
    });

    can("changes nothing when the same image comes again", ["images"], async () => {
      await update(harness.images.first);
      await update(harness.images.first);
      const status = await harness.functions.describe(harness.name);
      expect(status).toMatchObject({ state: "ready", image: harness.images.first });
    });

    can("asks another image without changing anything, where it can", ["runs", "images"], async () => {
      const { functions, name, images } = harness;
      if (functions.invokeImage === undefined) return;
      const answer = await functions.invokeImage(name, images.second, { do: "return" }, { limitMs });
      expect(answer).toMatchObject({ version: "second" });
      expect((await functions.describe(name)).image).toBe(images.first);
      expect(await version()).toBe("first");
    });

    can(
      "tells that an image cannot run, and goes on with the one before",
      ["runs", "images", "refuses-images"],
      async () => {
        const failure = await failureOf(update(harness.images.unusable));
        expect(failure instanceof ImageRefused || failure instanceof FunctionUpdateFailed).toBe(true);
        expect((failure as ImageRefused).details["reason"]).not.toBe("");
        expect(await version()).toBe("first");
        await update(harness.images.first);
      },
    );

    can("does not take another image for the one that is waited for", ["images"], async () => {
      const { functions, name, images } = harness;
      const waiting = waitForFunction(functions, { name, image: images.second, limitMs: 200, everyMs: 20 });
      expect(await failureOf(waiting)).toBeInstanceOf(TimedOut);
    });

    can("lets concurrent updates happen one after the other, or refuses them", ["images"], async () => {
      const { functions, name, images } = harness;
      const all = [images.first, images.second, images.first, images.second];
      const outcomes = await Promise.all(all.map(async (image) => failureOf(functions.update(name, { image }))));
      expect(outcomes.every((one) => one === undefined || one instanceof FunctionBusy)).toBe(true);
      expect(outcomes).toContain(undefined);
      const settled = await waitUntil(
        async () => {
          const status = await functions.describe(name);
          return status.state === "updating" ? undefined : status;
        },
        { what: "The end of the updates", limitMs, remedy: "-" },
      );
      expect(settled.state).toBe("ready");
      expect(all).toContain(settled.image);
      await update(images.first);
    });

    can("knows no other function", [], async () => {
      const { functions, images } = harness;
      for (const name of ["nobody", "No_body-2"]) {
        expect(await failureOf(functions.describe(name))).toBeInstanceOf(FunctionUnknown);
        expect(await failureOf(functions.update(name, { image: images.second }))).toBeInstanceOf(FunctionUnknown);
        expect(await failureOf(functions.invoke(name, {}, { limitMs }))).toBeInstanceOf(FunctionUnknown);
      }
    });
  });
}
