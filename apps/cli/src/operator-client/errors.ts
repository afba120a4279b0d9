// What asking the operator can fail with.
import type { ContractError } from "@tidegate/contract";
import { EXIT, TidegateError, type ExitCode } from "@tidegate/kernel";

/** The operator's own error, as it was told. */
export class OperatorRefused extends TidegateError {
  override readonly name = "OperatorRefused";
  readonly status: number;
  constructor(facts: { readonly status: number; readonly error: ContractError }) {
    const { code, message, remedy, exit, details } = facts.error;
    super({
      code,
      message,
      remedy,
      details: details ?? {},
      retry: facts.status === 503 ? "later" : "never",
      blame: facts.status >= 500 ? "dependency" : "user",
      exit: isExit(exit) ? exit : EXIT.failed,
    });
    this.status = facts.status;
  }
}

function isExit(code: number | undefined): code is ExitCode {
  return code !== undefined && (Object.values(EXIT) as number[]).includes(code);
}

export class OperatorUnreachable extends TidegateError {
  override readonly name = "OperatorUnreachable";
  constructor(facts: { readonly url: string | undefined; readonly reason: string; readonly cause?: unknown }) {
    super({
      code: "operator.unreachable",
      message: `The operator${facts.url === undefined ? "" : ` at ${facts.url}`} cannot be asked: ${facts.reason}.`,
      remedy:
        "Start the installation with `tidegate up`, or name another operator in TIDEGATE_OPERATOR_URL and TIDEGATE_OPERATOR_TOKEN.",
      cause: facts.cause,
      retry: "later",
      blame: "dependency",
      exit: EXIT.partDown,
    });
  }
}
