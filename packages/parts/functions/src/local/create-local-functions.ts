// Functions of one machine: each runs an image of a release, and each invocation is a process of its own.
import { randomUUID } from "node:crypto";
import { describeError, systemClock, TidegateError, type Clock } from "@tidegate/kernel";
import { FunctionUnknown, ImageRefused } from "../errors.ts";
import { encodePayload } from "../payload.ts";
import type { Functions, FunctionStatus, Invocation } from "../port.ts";
import { readFunctionSpec, type FunctionSpec } from "./read-function-spec.ts";
import { runFunction } from "./run-function.ts";
import {
  functionLog,
  listFunctionStates,
  readFunctionState,
  writeFunctionState,
  type LocalFunctionState,
} from "./state-files.ts";
import { functionName } from "./function-name.ts";
import { withFunctionLock } from "./with-function-lock.ts";

export interface LocalFunctionsOptions {
  readonly stateDir: string;
  readonly releasesDir: string;
  /** Says what a release stands for now, as `createReleaseImages` of @tidegate/images does: whether its folder has changed. */
  readonly images: {
    resolve(wanted: { readonly repository: string; readonly tag: string }): Promise<{ readonly uri: string }>;
  };
  /** The environment of every function; what the release says about one is added. Nothing else is handed on. Default empty. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default the system's. */
  readonly clock?: Clock;
  /** A function's log is turned over when it is longer. Default 1 MiB. */
  readonly logLimitBytes?: number;
}

export interface LocalFunctions extends Functions {
  /** Creates a function that runs `image`; one that is there is left alone. Throws ImageRefused. */
  ensure(name: string, wanted: { readonly image: string }): Promise<void>;
  invokeImage(name: string, image: string, payload: unknown, invocation: Invocation): Promise<unknown>;
}

const RELEASE_URI = /^release:([A-Za-z0-9][\w.-]{0,127})@sha256:[0-9a-f]{64}$/;

export function createLocalFunctions(options: LocalFunctionsOptions): LocalFunctions {
  const { stateDir } = options;
  const clock = options.clock ?? systemClock;
  const write = (name: string, image: string): void =>
    writeFunctionState(stateDir, { version: 1, function: name, image, updatedAt: clock.now().toISOString() });
  const invokeImage: LocalFunctions["invokeImage"] = async (name, image, payload, invocation) => {
    const text = encodePayload(name, payload);
    known(stateDir, name);
    return run(options, { name, image, payload: text, invocation });
  };
  return {
    describe: async (name) => describe(options, known(stateDir, name)),
    ensure: async (name, { image }) => {
      if (!functionName.safeParse(name).success) throw unknown(stateDir, name);
      await withFunctionLock({ stateDir, name, clock }, async () => {
        if (readFunctionState(stateDir, name) !== undefined) return;
        await verify(options, name, image);
        write(name, image);
      });
    },
    update: async (name, { image }) => {
      known(stateDir, name);
      await withFunctionLock({ stateDir, name, clock }, async () => {
        await verify(options, name, image);
        if (known(stateDir, name).image !== image) write(name, image);
      });
    },
    invoke: async (name, payload, invocation) => invokeImage(name, known(stateDir, name).image, payload, invocation),
    invokeImage,
  };
}

function known(stateDir: string, name: string): LocalFunctionState {
  const state = readFunctionState(stateDir, name);
  if (state === undefined) throw unknown(stateDir, name);
  return state;
}

function unknown(stateDir: string, name: string): FunctionUnknown {
  return new FunctionUnknown({ name, where: stateDir, known: listFunctionStates(stateDir) });
}

/** Without its release's digest, which each update and each invocation takes: this is asked often. */
function describe(options: LocalFunctionsOptions, { function: name, image }: LocalFunctionState): FunctionStatus {
  const tag = RELEASE_URI.exec(image)?.[1];
  const read = tag === undefined ? { problem: "it is no release" } : readFunctionSpec(options.releasesDir, tag, name);
  if ("problem" in read) return { name, state: "failed", reason: read.problem, image, timeoutMs: 0 };
  return { name, state: "ready", image, timeoutMs: read.spec.timeoutMs };
}

async function run(
  options: LocalFunctionsOptions,
  call: { readonly name: string; readonly image: string; readonly payload: string; readonly invocation: Invocation },
): Promise<unknown> {
  const { name, image, payload, invocation } = call;
  // What runs is what was meant, whatever became of the folder since.
  const spec = await verify(options, name, image);
  return runFunction({
    name,
    image,
    spec,
    payload,
    env: { ...options.env, ...spec.env },
    requestId: invocation.requestId ?? randomUUID(),
    logFile: functionLog(options.stateDir, name),
    limitMs: invocation.limitMs,
    ...(invocation.signal === undefined ? {} : { signal: invocation.signal }),
    ...(options.logLimitBytes === undefined ? {} : { logLimitBytes: options.logLimitBytes }),
  });
}

/** What to run; throws ImageRefused when the image is not that of the release's folder as it is now. */
async function verify(options: LocalFunctionsOptions, name: string, image: string): Promise<FunctionSpec> {
  const tag = RELEASE_URI.exec(image)?.[1];
  const refuse = (reason: string, remedy: string, cause?: unknown): ImageRefused =>
    new ImageRefused({ name, image, reason, remedy, cause });
  if (tag === undefined)
    throw refuse("it is not of the form release:TAG@sha256:DIGEST", "Resolve the image by its tag.");
  const now = await options.images.resolve({ repository: name, tag }).catch((error: unknown) => {
    if (error instanceof TidegateError) throw refuse(withoutStop(describeError(error)), error.remedy, error);
    throw error;
  });
  if (now.uri !== image)
    throw refuse(
      `the folder of the release "${tag}" has changed since, it is ${now.uri} now`,
      "Restore the folder, or plan again with what it holds now. A release is never changed: build another one.",
    );
  const read = readFunctionSpec(options.releasesDir, tag, name);
  if ("problem" in read)
    throw refuse(read.problem, "Correct functions.json; its form is described in the README of @tidegate/functions.");
  return read.spec;
}

/** ImageRefused says itself that nothing was changed. */
function withoutStop(sentence: string): string {
  return sentence.replace(/( Nothing was changed)?\.$/, "").replace(/\.$/, "");
}
