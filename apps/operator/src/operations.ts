// The operations that this operator offers, and works on. An older version stays here until its runs have ended.
import { createUpgradeOperation, loadConfig as loadAuxoConfig } from "@tidegate/auxo";
import { createPrepare, createUnlock, loadConfig } from "@tidegate/bazooka";
import type { AnyOperation } from "@tidegate/engine";
import { Secret, systemClock, type Logger } from "@tidegate/kernel";
import type { Pool } from "@tidegate/postgres";
import { createRehearsal, type RehearsalDeps } from "@tidegate/rehearsal";

export interface OperationsDeps {
  /** Of the engine's database. */
  readonly pool: Pool;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
}

/** Throws ConfigInvalid. */
export function createOperations({ pool, env, logger }: OperationsDeps): readonly AnyOperation[] {
  // DATABASE_URL is the installation's own database here, which nobody resets by accident: Bazooka's is named apart.
  const bazooka = loadConfig({ ...env, DATABASE_URL: undefined });
  return [
    createRehearsal({ pool, ...rehearsalExtras(env) }),
    createPrepare({ config: bazooka, logger }),
    createUnlock({ config: bazooka }),
    createUpgradeOperation({ config: loadAuxoConfig(env), env }),
  ];
}

/** TIDEGATE_REHEARSAL_LEDGER is a file for each effect of a rehearsal; what its careless steps let slip is the engine's own URL. */
function rehearsalExtras(env: OperationsDeps["env"]): Omit<RehearsalDeps, "pool"> {
  const path = env["TIDEGATE_REHEARSAL_LEDGER"];
  const url = env["DATABASE_URL"];
  return {
    ...(path === undefined || path === "" ? {} : { outside: { path, clock: systemClock } }),
    ...(url === undefined || url === "" ? {} : { planted: new Secret(url) }),
  };
}
