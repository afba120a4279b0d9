// An error as the contract shows it: of ours in full, any other in general words (its text may hold what nobody should see).
import type { ContractError } from "@tidegate/contract";
import { TidegateError } from "@tidegate/kernel";
import { plainJson } from "../api/plain-json.ts";

/** Details that programs act on; others may hold what is nobody's business. */
const DETAILED = ["problems", "changes", "target", "runId", "lock", "known", "waiting"];

export function contractError(thrown: unknown): ContractError {
  if (thrown instanceof TidegateError) {
    const { code, message, remedy, exit } = thrown;
    const details = DETAILED.flatMap((name) =>
      name in thrown.details ? [[name, plainJson(thrown.details[name])] as const] : [],
    );
    return { code, message, remedy, exit, ...(details.length === 0 ? {} : { details: Object.fromEntries(details) }) };
  }
  return {
    code: "operator.internal",
    message: "Something failed that should not have. Nothing was changed.",
    remedy: "Look in the operator's log (`tidegate logs operator`) for the error, and report it.",
  };
}
