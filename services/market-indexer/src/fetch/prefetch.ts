// The work for the next batch, done while that in hand is stored: the endpoint, this process and the database work at the same time.
import type { BlockPlace, BlockRange } from "../types.ts";

export interface Asked {
  readonly range: BlockRange;
  /** Undefined where it does not matter what it follows on. */
  readonly previous?: BlockPlace | undefined;
}

export interface Prefetch<Question extends Asked, Done> {
  /** Begins the work; what was begun before and not taken is forgotten. */
  readonly begin: (question: Question) => void;
  /** What was begun, where it answers the question; else done now. Throws what the work threw. */
  readonly take: (question: Question) => Promise<Done>;
}

export function createPrefetch<Question extends Asked, Done>(
  work: (question: Question) => Promise<Done>,
): Prefetch<Question, Done> {
  let begun: { readonly question: Question; readonly done: Promise<Done> } | undefined;
  return {
    begin: (question) => {
      const done = work(question);
      // Thrown to whoever takes it; nobody may.
      done.catch(() => undefined);
      begun = { question, done };
    },
    take: async (question) => {
      const mine = begun;
      // Taken once: what failed is done anew at the next try.
      begun = undefined;
      return mine !== undefined && answers(mine.question, question) ? mine.done : work(question);
    },
  };
}

/** From the same block on, after the same block; how far it goes is each batch's own affair. */
function answers(begun: Asked, asked: Asked): boolean {
  return (
    begun.range.from === asked.range.from &&
    begun.range.to <= asked.range.to &&
    begun.previous?.number === asked.previous?.number &&
    begun.previous?.hash === asked.previous?.hash
  );
}
