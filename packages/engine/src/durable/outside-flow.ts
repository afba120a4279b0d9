// DBOS knows by the async context whether a call stands inside a flow; what the engine does beside the flow must stand outside.
import { AsyncResource } from "node:async_hooks";

const outside = new AsyncResource("tidegate");

/** Runs `work` as if no flow had called it: nothing of it is journaled. */
export async function outsideFlow<T>(work: () => Promise<T>): Promise<T> {
  return outside.runInAsyncScope(work);
}
