// How much of the machine's memory the server keeps pages in. PostgreSQL's own default, 128 MB, is for machines of no size.
import { totalmem } from "node:os";

const MB = 2 ** 20;
const LEAST_MB = 128;
const MOST_MB = 1_024;
/** A quarter is what PostgreSQL's documentation begins with for a server of its own ("Resource Consumption"); here many programs share one. */
const SHARE = 16;

/** As the setting `shared_buffers` takes it; what is not used takes no memory. */
export function sharedBuffers(availableBytes: number = availableMemory()): string {
  const share = Math.floor(availableBytes / SHARE / MB);
  return `${Math.min(MOST_MB, Math.max(LEAST_MB, share))}MB`;
}

/** Of the container, where that has a limit. */
function availableMemory(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 && constrained < totalmem() ? constrained : totalmem();
}
