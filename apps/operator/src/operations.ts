// The operations that this operator offers, and works on. An older version stays here until its runs have ended.
import type { AnyOperation } from "@tidegate/engine";
import type { Pool } from "@tidegate/postgres";
import { createRehearsal } from "@tidegate/rehearsal";

export function createOperations(deps: { readonly pool: Pool }): readonly AnyOperation[] {
  return [createRehearsal(deps)];
}
