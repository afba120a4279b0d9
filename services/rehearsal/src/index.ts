// The rehearsal's thin face.
export { createRehearsal, type RehearsalDeps } from "./operations/rehearse/operation.ts";
export type { OutsideLedger } from "./operations/rehearse/outside-ledger.ts";
export { rehearsalInput, type RehearsalInput, type RehearsalResult } from "./types.ts";
