// Progress is for eyes: it is told at once, then five times a second at most, and the last of it always.
import type { Progress } from "../context/run-context.ts";

const EVERY_MS = 200;

/** Nothing is told once `isOver` says so: what it belongs to has ended by then. */
export function throttleProgress(
  tell: (progress: Progress) => void,
  isOver: () => boolean = () => false,
): (progress: Progress) => void {
  let pending: Progress | undefined;
  let isResting = false;
  const pass = (progress: Progress): void => {
    if (isOver()) return;
    pending = undefined;
    isResting = true;
    tell(progress);
    setTimeout(() => {
      isResting = false;
      if (pending !== undefined) pass(pending);
    }, EVERY_MS).unref();
  };
  return (progress) => {
    if (isResting) pending = progress;
    else pass(progress);
  };
}
