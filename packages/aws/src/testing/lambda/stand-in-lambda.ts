// Lambda as the stand-in plays it: functions of container images, whose updates take time and can fail, and whose invocations really run something.
import * as sdk from "@aws-sdk/client-lambda";
import { AwsRefusal } from "../aws-refusal.ts";
import { STAND_IN_REGION, type StandInService } from "../stand-in.ts";
import type { Timeline } from "../timeline.ts";
import { restJson } from "../wire/rest-json.ts";
import { modelOf } from "../wire/model.ts";
import { invoke } from "./invoke.ts";
import type { FunctionRecord, RunImage } from "./state.ts";

export interface StandInFunction {
  readonly name: string;
  /** Absent: a function of a zip archive, which has no image. */
  readonly image?: string;
  /** Default 3, as Lambda's. */
  readonly timeoutSeconds?: number;
}

export interface StandInLambdaOptions {
  readonly functions: readonly StandInFunction[];
  /** Runs an image with the payload's JSON. */
  readonly run: RunImage;
  /** Between UpdateFunctionCode and its end. Default 100. */
  readonly updateMs?: number;
  /** Why an update to an image is accepted and fails in the end; undefined when it succeeds. */
  readonly failureOf?: (image: string) => string | undefined;
  /** Why an image is refused at once; undefined when it is not. */
  readonly refusalOf?: (image: string) => string | undefined;
}

export interface StandInLambda extends StandInService {
  /** Makes GetFunction tell another state, "Pending" for example. */
  readonly setState: (name: string, state: sdk.State, reason?: string) => void;
}

export function createStandInLambda(timeline: Timeline, options: StandInLambdaOptions): StandInLambda {
  const functions = new Map(
    options.functions.map((one): [string, FunctionRecord] => [
      one.name,
      {
        name: one.name,
        timeoutSeconds: one.timeoutSeconds ?? 3,
        image: one.image,
        next: undefined,
        state: { is: "Active" },
        lastUpdate: { is: "Successful" },
      },
    ]),
  );
  const find = (name: string | undefined): FunctionRecord => {
    const found = functions.get(name ?? "");
    if (found !== undefined) return found;
    throw new AwsRefusal("ResourceNotFoundException", `Function not found: ${arnOf(name ?? "")}`, { Type: "User" });
  };
  return {
    name: "lambda",
    model: modelOf(sdk),
    protocol: restJson(),
    operations: {
      GetFunction: ({ FunctionName }: sdk.GetFunctionCommandInput) => getFunction(find(FunctionName)),
      UpdateFunctionCode: (input: sdk.UpdateFunctionCodeCommandInput) =>
        updateCode(timeline, options, find(input.FunctionName), input),
      Invoke: async (input: sdk.InvokeCommandInput) => invoke(options.run, find(input.FunctionName), input),
    },
    setState: (name, state, reason) => {
      find(name).state = { is: state, ...(reason === undefined ? {} : { reason }) };
    },
  };
}

const arnOf = (name: string): string => `arn:aws:lambda:${STAND_IN_REGION}:123456789012:function:${name}`;

/** While an update is in progress the new image is shown, and the old one runs: who looks at the image alone is misled. */
function getFunction(record: FunctionRecord): Omit<sdk.GetFunctionCommandOutput, "$metadata"> {
  const image = record.next ?? record.image;
  return {
    Configuration: toConfiguration(record),
    Code:
      image === undefined
        ? { RepositoryType: "S3", Location: "https://example.invalid/code.zip" }
        : { RepositoryType: "ECR", ImageUri: image, ResolvedImageUri: image },
  };
}

function toConfiguration(record: FunctionRecord): sdk.FunctionConfiguration {
  const { state, lastUpdate } = record;
  return {
    FunctionName: record.name,
    FunctionArn: arnOf(record.name),
    PackageType: record.image === undefined ? "Zip" : "Image",
    Timeout: record.timeoutSeconds,
    Version: "$LATEST",
    State: state.is,
    ...(state.reason === undefined ? {} : { StateReason: state.reason }),
    LastUpdateStatus: lastUpdate.is,
    ...(lastUpdate.reason === undefined ? {} : { LastUpdateStatusReason: lastUpdate.reason }),
  };
}

function updateCode(
  timeline: Timeline,
  options: StandInLambdaOptions,
  record: FunctionRecord,
  { ImageUri: image }: sdk.UpdateFunctionCodeCommandInput,
): Omit<sdk.UpdateFunctionCodeCommandOutput, "$metadata"> {
  if (record.lastUpdate.is === "InProgress")
    throw new AwsRefusal(
      "ResourceConflictException",
      `The operation cannot be performed at this time. An update is in progress for resource: ${arnOf(record.name)}`,
      { Type: "User" },
    );
  const refuse = (message: string): AwsRefusal =>
    new AwsRefusal("InvalidParameterValueException", message, { Type: "User" });
  if (image === undefined) throw refuse("Please provide ImageUri when updating a function with packageType Image.");
  if (record.image === undefined)
    throw refuse("Please don't provide ImageUri when updating a function with packageType Zip.");
  const refusal = options.refusalOf?.(image);
  if (refusal !== undefined) throw refuse(refusal);
  record.next = image;
  record.lastUpdate = { is: "InProgress", reason: "The function is being created." };
  timeline.after(options.updateMs ?? 100, () => {
    const reason = options.failureOf?.(image);
    if (reason === undefined) record.image = image;
    record.next = undefined;
    record.lastUpdate = reason === undefined ? { is: "Successful" } : { is: "Failed", reason };
  });
  return toConfiguration(record);
}
