// A source that does not answer must not hold up the others.
import { TimedOut } from "@tidegate/kernel";

/** What `answer` resolves to, or TimedOut after the limit; the work behind it goes on, within its own limits. */
export async function withinLimit<T>(what: string, answer: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    const remedy = "Try again; if it comes back, look whether that source is overloaded.";
    timer = setTimeout(() => reject(new TimedOut({ what, limitMs, remedy })), limitMs);
  });
  try {
    return await Promise.race([answer, limit]);
  } finally {
    clearTimeout(timer);
  }
}
