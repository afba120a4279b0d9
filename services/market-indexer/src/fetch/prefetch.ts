// The batch after the one in hand, fetched while that is stored: the endpoint and the database work at the same time.
import type { FetchedBatch } from "../types.ts";
import type { BatchQuestion } from "./fetch-batch.ts";

export interface Prefetch {
  /** Begins to fetch; what was begun before and not taken is forgotten. */
  readonly begin: (question: BatchQuestion) => void;
  /** What was begun, where it answers the question; else fetched now. Throws what fetching threw. */
  readonly take: (question: BatchQuestion) => Promise<FetchedBatch>;
}

interface Begun {
  readonly question: BatchQuestion;
  readonly batch: Promise<FetchedBatch>;
}

export function createPrefetch(fetch: (question: BatchQuestion) => Promise<FetchedBatch>): Prefetch {
  let begun: Begun | undefined;
  return {
    begin: (question) => {
      const batch = fetch(question);
      // Thrown to whoever takes it; nobody may.
      batch.catch(() => undefined);
      begun = { question, batch };
    },
    take: async (question) => {
      const mine = begun;
      // Taken once: what failed is fetched anew at the next try.
      begun = undefined;
      return mine !== undefined && answers(mine.question, question) ? mine.batch : fetch(question);
    },
  };
}

/** From the same block on, after the same block; how far it goes is each batch's own affair. */
function answers(begun: BatchQuestion, asked: BatchQuestion): boolean {
  return (
    begun.range.from === asked.range.from &&
    begun.range.to <= asked.range.to &&
    begun.previous?.number === asked.previous?.number &&
    begun.previous?.hash === asked.previous?.hash
  );
}
