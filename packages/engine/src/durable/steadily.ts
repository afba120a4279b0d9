// The engine's own statements outlast a moment without the database; beyond that, the executor gives itself up.
import { retry } from "@tidegate/kernel";
import { never } from "../flow/execution.ts";

const POLICY = { attempts: 10, baseMs: 100, maxMs: 2_000, deadlineMs: 10_000 };

/** Never rejects with trouble of the database: after about ten seconds of it `giveUp` is called and the promise stays open. */
export async function steadily<T>(giveUp: (error: unknown) => void, work: () => Promise<T>): Promise<T> {
  try {
    return await retry(work, POLICY);
  } catch (error) {
    giveUp(error);
    return never();
  }
}
