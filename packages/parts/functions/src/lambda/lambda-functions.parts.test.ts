// What is particular to Lambda: updates take time, a failure is a success of the call, and an invocation is never sent twice.
import { LambdaClient } from "@aws-sdk/client-lambda";
import { openAwsClient } from "@tidegate/aws";
import { describe, expect, it, onTestFinished } from "vitest";
import { InvocationLost } from "../errors.ts";
import { imageOf, openLambda } from "../testing/lambda-stand-in.ts";
import { NAME } from "../testing/temporary-functions.ts";
import { waitForFunction } from "../wait-for-function.ts";
import { createLambdaFunctions } from "./create-lambda-functions.ts";

const failureOf = async (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);
const second = imageOf("second");

async function open(...options: Parameters<typeof openLambda>) {
  const opened = await openLambda(...options);
  onTestFinished(opened.close);
  const { functions, standIn } = opened;
  return {
    ...opened,
    invoke: async (payload: unknown = {}, more: object = {}): Promise<unknown> =>
      functions.invoke(NAME, payload, { limitMs: 20_000, ...more }),
    wait: async (limitMs = 20_000) => waitForFunction(functions, { name: NAME, image: second, limitMs, everyMs: 10 }),
    invocations: () => standIn.count("lambda:Invoke"),
  };
}

describe("an update", () => {
  it("is waited for although the new image is shown at once (A2: it used to be taken for done)", async () => {
    const { functions, wait, invoke } = await open({ updateMs: 300 });
    await functions.update(NAME, { image: second });
    expect(await functions.describe(NAME)).toMatchObject({ state: "updating", image: second });
    expect(await invoke({ do: "return" })).toMatchObject({ version: "first" });
    expect(await wait()).toMatchObject({ state: "ready", image: second });
    expect(await invoke({ do: "return" })).toMatchObject({ version: "second" });
  });

  it("that does not end within the limit is an error (A2: the time-out used to resolve)", async () => {
    const { functions, wait } = await open({ updateMs: 60_000 });
    await functions.update(NAME, { image: second });
    expect(await failureOf(wait(100))).toMatchObject({
      name: "TimedOut",
      remedy: expect.stringContaining("Seen last: updating"),
    });
  });

  it("that fails is an error with AWS's reason", async () => {
    const { functions, wait } = await open({ failureOf: () => "The image manifest is not supported." });
    await functions.update(NAME, { image: second });
    expect(await failureOf(wait())).toMatchObject({
      name: "FunctionUpdateFailed",
      message: expect.stringContaining("The image manifest is not supported"),
    });
  });

  it("is refused as busy while another one is in progress, and as an image when Lambda does not take it", async () => {
    const refusalOf = (image: string) => (image === imageOf("none") ? "Source image does not exist." : undefined);
    const { functions } = await open({ updateMs: 60_000, refusalOf });
    expect(await failureOf(functions.update(NAME, { image: imageOf("none") }))).toMatchObject({
      name: "ImageRefused",
      details: { reason: "Source image does not exist" },
    });
    await functions.update(NAME, { image: second });
    expect(await failureOf(functions.update(NAME, { image: imageOf("first") }))).toMatchObject({
      name: "FunctionBusy",
      retry: "later",
    });
    expect(await failureOf(functions.update("zipped", { image: second }))).toMatchObject({ name: "ImageRefused" });
  });

  it("to the image that it runs is not asked of AWS", async () => {
    const { functions, standIn } = await open();
    await functions.update(NAME, { image: imageOf("first") });
    expect(standIn.count("lambda:UpdateFunctionCode")).toBe(0);
  });

  it("whose answer was lost may meet itself, and says so", async () => {
    const { functions, standIn, wait } = await open({ updateMs: 300 });
    // The first try took effect and its answer was lost: the stand-in is told of the update beforehand.
    await functions.update(NAME, { image: second });
    standIn.inject({ action: "lambda:UpdateFunctionCode", answer: "hang-up" });
    expect(await failureOf(functions.update(NAME, { image: second }))).toMatchObject({
      name: "FunctionBusy",
      details: { reason: expect.stringContaining("whose answer was lost") },
    });
    expect(await wait()).toMatchObject({ image: second });
  });

  it("says which permission is missing", async () => {
    const { functions, standIn } = await open();
    for (const action of ["lambda:GetFunction", "lambda:UpdateFunctionCode"]) {
      standIn.inject({ action, answer: "deny" });
      expect(await failureOf(functions.update(NAME, { image: second }))).toMatchObject({
        code: "aws.access-denied",
        remedy: expect.stringContaining(action),
      });
    }
  });
});

describe("an invocation", () => {
  it("whose function threw is an error (A1: it used to be logged as a success)", async () => {
    const { invoke, invocations } = await open();
    const task = { do: "throw", name: "MigrationFailed", message: "20260302.ts: relation exists" };
    expect(await failureOf(invoke(task))).toMatchObject({
      name: "FunctionFailed",
      message: `The function "${NAME}" failed: MigrationFailed: 20260302.ts: relation exists`,
      details: { timedOut: false, error: { name: "MigrationFailed" } },
    });
    expect(invocations()).toBe(1);
  });

  it("whose function ran out of time says after how long", async () => {
    const { invoke } = await open({ run: async () => "timed-out" });
    expect(await failureOf(invoke())).toMatchObject({
      details: { timedOut: true },
      message: expect.stringContaining("after 2000 ms"),
    });
  });

  it("whose connection is lost is not sent again (A15: the SDK used to run it up to three times)", async () => {
    const { invoke, invocations, standIn } = await open({}, { maxAttempts: 5 });
    standIn.inject({ action: "lambda:Invoke", answer: "hang-up" });
    const failure = await failureOf(invoke());
    expect(failure).toBeInstanceOf(InvocationLost);
    expect(failure).toMatchObject({ retry: "never", message: expect.stringContaining("may still be running") });
    expect(invocations()).toBe(1);
  });

  it.each([
    ["throttled", "throttle", { code: "aws.throttled" }],
    ["answered by a gateway", { error: "ServiceUnavailable", message: "-", status: 503 }, { name: "InvocationLost" }],
    ["failing in the service", { error: "ServiceException", message: "-" }, { name: "InvocationLost" }],
    ["refused before the start", { error: "KMSDisabledException", message: "-" }, { code: "aws.refused" }],
    ["refused as not ready", { error: "ResourceNotReadyException", message: "-" }, { name: "FunctionBusy" }],
  ] as const)("that is %s is not sent again, either", async (_, answer, expected) => {
    const { invoke, invocations, standIn } = await open({}, { maxAttempts: 5 });
    standIn.inject({ action: "lambda:Invoke", answer });
    expect(await failureOf(invoke())).toMatchObject(expected);
    expect(invocations()).toBe(1);
  });

  it("may take longer than the client's other calls", async () => {
    const { invoke, invocations } = await open({}, { requestTimeoutMs: 100 });
    // 50 pauses of 5 ms.
    expect(await invoke({ do: "print", lines: 5_000 })).toBe(5_000);
    expect(invocations()).toBe(1);
  });

  it("whose answer does not come within the limit is lost, and may still be running", async () => {
    let isOver: () => void = () => undefined;
    const over = new Promise<void>((resolve) => (isOver = resolve));
    const { invoke, invocations } = await open({
      run: async () => {
        await over;
        return { returned: null };
      },
    });
    const failure = await failureOf(invoke({}, { limitMs: 150 }));
    isOver();
    expect(failure).toBeInstanceOf(InvocationLost);
    expect(failure).toMatchObject({ details: { reason: "there was none within 150 ms" } });
    expect(invocations()).toBe(1);
  });

  it("that reached nobody did not run, and may be tried again", async () => {
    const { standIn, close } = await openLambda();
    await close();
    const client = openAwsClient(LambdaClient, standIn.clientOptions);
    onTestFinished(() => client.destroy());
    const invoking = createLambdaFunctions({ client }).invoke(NAME, {}, { limitMs: 5_000 });
    expect(await failureOf(invoking)).toMatchObject({ code: "aws.unreachable", retry: "later" });
  });

  it("carries payload and request id, and nothing for Lambda to choose", async () => {
    const { invoke, standIn } = await open({
      run: async (_, payload) => ({ returned: JSON.parse(payload) as unknown }),
    });
    expect(await invoke({ migrate: true }, { requestId: "run-1:migrate" })).toEqual({ migrate: true });
    const input = standIn.calls[0]?.input ?? {};
    expect(input["InvocationType"]).toBe("RequestResponse");
    const context = Buffer.from(String(input["ClientContext"]), "base64").toString("utf8");
    expect(JSON.parse(context)).toEqual({ custom: { requestId: "run-1:migrate" } });
  });

  it("is refused while the function is being made, and nothing ran", async () => {
    const { functions, invoke, standIn } = await open();
    standIn.services.lambda.setState(NAME, "Pending");
    expect(await functions.describe(NAME)).toMatchObject({ state: "updating" });
    expect(await failureOf(invoke())).toMatchObject({ name: "FunctionBusy" });
  });
});
