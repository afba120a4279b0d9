// The operations that an engine knows, by name and version.
import { closestName } from "@tidegate/kernel";
import { OperationInvalid, OperationUnknown } from "../errors/operation-errors.ts";
import { operationId, type AnyOperation } from "./operation.ts";

export interface Registry {
  readonly operations: readonly AnyOperation[];
  /** The newest version; throws OperationUnknown. */
  latest(name: string): AnyOperation;
  version(name: string, version: number): AnyOperation | undefined;
}

/** Throws OperationInvalid when a name and version stand there twice. */
export function createRegistry(operations: readonly AnyOperation[]): Registry {
  const byId = new Map<string, AnyOperation>();
  const latest = new Map<string, AnyOperation>();
  for (const operation of operations) {
    const id = operationId(operation);
    if (byId.has(id)) throw new OperationInvalid({ operation: id, problem: "it is registered twice" });
    byId.set(id, operation);
    if (operation.version > (latest.get(operation.name)?.version ?? 0)) latest.set(operation.name, operation);
  }
  return {
    operations,
    version: (name, version) => byId.get(operationId({ name, version })),
    latest: (name) => {
      const found = latest.get(name);
      if (found !== undefined) return found;
      throw new OperationUnknown({
        operation: name,
        known: [...latest.keys()],
        closest: closestName(name, [...latest.keys()]),
      });
    },
  };
}
