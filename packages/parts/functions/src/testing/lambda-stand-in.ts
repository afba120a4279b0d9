// Lambda on the stand-in, whose functions really run: each image is a release, and each invocation a process of the local adapter.
import { LambdaClient } from "@aws-sdk/client-lambda";
import { openAwsClient, type AwsClientOptions } from "@tidegate/aws";
import {
  createStandIn,
  createStandInLambda,
  type LambdaOutcome,
  type StandInLambdaOptions,
} from "@tidegate/aws/testing";
import { waitUntil } from "@tidegate/kernel";
import { FunctionCrashed, FunctionFailed } from "../errors.ts";
import { createLambdaFunctions } from "../lambda/create-lambda-functions.ts";
import { createTemporaryFunctions, NAME, processesIn, type TemporaryFunctions } from "./temporary-functions.ts";

const TIMEOUT_SECONDS = 2;

/** The uri of an image that runs `sampleFunction(version)`. */
export const imageOf = (version: string): string =>
  `123456789012.dkr.ecr.eu-west-1.amazonaws.com/dev4-indexer-bazooka@sha256:${Buffer.from(version).toString("hex").padEnd(64, "0")}`;

/** The function runs `first`; there is also `second`. */
export async function openLambda(
  options: Partial<StandInLambdaOptions> = {},
  clientOptions: Partial<AwsClientOptions> = {},
) {
  const temporary = createTemporaryFunctions();
  const releases = new Map<string | undefined, string>();
  for (const version of ["first", "second"])
    releases.set(imageOf(version), await temporary.release(version, { timeoutMs: TIMEOUT_SECONDS * 1_000 }));
  await temporary.functions.ensure(NAME, { image: releases.get(imageOf("first")) ?? "" });
  const run: StandInLambdaOptions["run"] = async (image, payload) =>
    runAsLambda(temporary, releases.get(image) ?? "", payload);
  const standIn = await createStandIn({
    services: (timeline) => ({
      lambda: createStandInLambda(timeline, {
        functions: [{ name: NAME, image: imageOf("first"), timeoutSeconds: TIMEOUT_SECONDS }, { name: "zipped" }],
        run,
        ...options,
      }),
    }),
  });
  const client = openAwsClient(LambdaClient, { ...standIn.clientOptions, ...clientOptions });
  return {
    standIn,
    temporary,
    functions: createLambdaFunctions({ client }),
    close: async () => {
      client.destroy();
      await standIn.close();
      // What was abandoned goes on until its own limit, as on Lambda.
      await waitUntil(() => (processesIn(temporary.releasesDir).length === 0 ? true : undefined), {
        what: "The end of abandoned invocations",
        limitMs: 10_000,
        remedy: "-",
      });
      temporary.close();
    },
  };
}

async function runAsLambda(temporary: TemporaryFunctions, release: string, payload: string): Promise<LambdaOutcome> {
  try {
    const invocation = { limitMs: 60_000 };
    return { returned: await temporary.functions.invokeImage(NAME, release, JSON.parse(payload), invocation) };
  } catch (error) {
    if (error instanceof FunctionCrashed) return { exited: "exit status 3" };
    if (!(error instanceof FunctionFailed)) throw error;
    if (error.details["timedOut"] === true) return "timed-out";
    return { threw: error.details["error"] as { name: string; message: string } };
  }
}
