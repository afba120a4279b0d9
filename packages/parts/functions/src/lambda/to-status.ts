// From what GetFunction answers to the port's words.
//
// States: AWS Lambda Developer Guide, "Lambda function states". An update has taken effect when LastUpdateStatus says Successful: until then
// the old code runs, whatever image is shown.
import type { GetFunctionCommandOutput } from "@aws-sdk/client-lambda";
import type { FunctionState, FunctionStatus } from "../port.ts";

/** Lambda's default, in seconds. */
const DEFAULT_TIMEOUT_SECONDS = 3;

export function toStatus(
  name: string,
  found: Pick<GetFunctionCommandOutput, "Configuration" | "Code">,
): FunctionStatus {
  const { Configuration: configuration = {}, Code: code = {} } = found;
  const { state, reason } = stateOf(configuration);
  return {
    name,
    state,
    ...(reason === undefined ? {} : { reason }),
    image: code.ResolvedImageUri ?? code.ImageUri ?? null,
    timeoutMs: (configuration.Timeout ?? DEFAULT_TIMEOUT_SECONDS) * 1_000,
  };
}

function stateOf(configuration: NonNullable<GetFunctionCommandOutput["Configuration"]>): {
  readonly state: FunctionState;
  readonly reason?: string;
} {
  const { State: is, LastUpdateStatus: update } = configuration;
  if (update === "Failed") {
    const { LastUpdateStatusReason: said, LastUpdateStatusReasonCode: code } = configuration;
    return { state: "failed", reason: sentence(said, code) ?? "its last update failed, and AWS gives no reason" };
  }
  // Inactive: nobody used it for weeks. It wakes up with the next invocation or update.
  if (is !== undefined && is !== "Active" && is !== "Inactive" && is !== "Pending") {
    const why = sentence(configuration.StateReason, configuration.StateReasonCode);
    return { state: "failed", reason: `its state is ${is}${why === undefined ? "" : `: ${why}`}` };
  }
  return { state: update === "InProgress" || is === "Pending" ? "updating" : "ready" };
}

function sentence(said: string | undefined, code: string | undefined): string | undefined {
  const text = said?.trim().replace(/\.$/, "") ?? "";
  if (text === "") return code;
  return code === undefined ? text : `${text} (${code})`;
}
