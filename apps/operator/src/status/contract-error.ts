// An error as the contract shows it: of ours in full, any other in general words (its text may hold what nobody should see).
import type { ContractError } from "@tidegate/contract";
import { TidegateError } from "@tidegate/kernel";

export function contractError(thrown: unknown): ContractError {
  if (thrown instanceof TidegateError) return { code: thrown.code, message: thrown.message, remedy: thrown.remedy };
  return {
    code: "operator.internal",
    message: "Something failed that should not have. Nothing was changed.",
    remedy: "Look in the operator's log (`tidegate logs operator`) for the error, and report it.",
  };
}
