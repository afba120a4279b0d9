// The rehearsal's thin face.
export { createRehearsal } from "./operations/rehearse/operation.ts";
export { rehearsalInput, type RehearsalInput, type RehearsalResult } from "./types.ts";
