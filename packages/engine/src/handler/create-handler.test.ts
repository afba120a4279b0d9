// What a handler does with its event and its time; the modes with an operator and a database are in tests/.
import { createLogger } from "@tidegate/kernel";
import { expect, it } from "vitest";
import type { RunContext } from "../context/run-context.ts";
import { sampleOperation } from "../testing/sample-operations.ts";
import { createHandler, DEADLINE_MARGIN_MS } from "./create-handler.ts";

const gateway = (requestId: string, body: string) => ({ requestContext: { requestId, time: requestId }, body });
const context = (awsRequestId: string, remainingMs = 60_000) => ({
  awsRequestId,
  getRemainingTimeInMillis: () => remainingMs,
});
const handlerOf = (operation: ReturnType<typeof sampleOperation>) =>
  createHandler({
    operation,
    toInput: (event: { readonly body: string }) => JSON.parse(event.body) as unknown,
    respond: (_, { runId }) => runId,
    logger: createLogger({ service: "tests", level: "silent" }),
    env: { TIDEGATE_ENGINE: "volatile" },
  });

it("attaches an event that API Gateway sends again, with another id and time, to its run", async () => {
  const goOn = Promise.withResolvers<void>();
  let runs = 0;
  const handle = handlerOf(
    sampleOperation({
      name: "sample",
      run: async (run: RunContext) =>
        run.step("only", async () => {
          runs += 1;
          await goOn.promise;
        }),
    }),
  );
  const answers = [
    handle(gateway("1", '{"tag":"a"}'), context("one")),
    handle(gateway("2", '{ "tag": "a" }'), context("two")),
  ];
  await new Promise((resolve) => setImmediate(resolve));
  goOn.resolve();
  const [first, second] = await Promise.all(answers);
  expect(second).toBe(first);
  expect(runs).toBe(1);
  expect(await handle(gateway("3", '{"tag":"a"}'), context("three"))).not.toBe(first);
});

it("gives the observing up before its own time is over, and has started nothing", async () => {
  let aborted: unknown;
  const handle = handlerOf({
    ...sampleOperation({ name: "sample", run: async () => undefined }),
    observe: async (_: unknown, { signal }: { readonly signal: AbortSignal }) =>
      new Promise((__, reject) => {
        signal.addEventListener("abort", () => {
          aborted = signal.reason;
          reject(signal.reason as Error);
        });
      }),
  });
  let remainingMs = 2_000 + DEADLINE_MARGIN_MS;
  const answer = handle(gateway("1", "{}"), {
    awsRequestId: "one",
    getRemainingTimeInMillis: () => {
      const given = remainingMs;
      // The time of the next look: nearly over.
      remainingMs = DEADLINE_MARGIN_MS + 20;
      return given;
    },
  });
  await expect(answer).rejects.toMatchObject({ code: "handler.too-late", message: /Nothing was started/ });
  expect(aborted).toBeInstanceOf(Error);
});
