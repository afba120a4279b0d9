// Declares an operation, with the defaults and the checks that no run should be the first to meet.
import { OperationInvalid } from "../errors/operation-errors.ts";
import type { Operation } from "./operation.ts";

export type OperationDeclaration<Input, Observation, Result> = Omit<
  Operation<Input, Observation, Result>,
  "version" | "volatile" | "lock"
> &
  Partial<Pick<Operation<Input, Observation, Result>, "version" | "volatile" | "lock">>;

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** DBOS keeps it within a queue's name, and people type it. */
const NAME_LIMIT = 60;

/** Defaults: version 1, nothing volatile, no lock. Throws OperationInvalid for a name or version that cannot be kept. */
export function defineOperation<Input, Observation, Result>(
  declaration: OperationDeclaration<Input, Observation, Result>,
): Operation<Input, Observation, Result> {
  const operation = { version: 1, volatile: [], lock: () => undefined, ...declaration };
  if (!NAME.test(operation.name) || operation.name.length > NAME_LIMIT) {
    throw new OperationInvalid({
      operation: operation.name,
      problem: `its name must be kebab-case and at most ${NAME_LIMIT} characters`,
    });
  }
  if (!Number.isSafeInteger(operation.version) || operation.version < 1) {
    throw new OperationInvalid({ operation: operation.name, problem: "its version must be a whole number from 1" });
  }
  return operation;
}
