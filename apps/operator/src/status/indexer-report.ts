// What the market indexer says about itself on its health address: the chain's head and its pace, which no table holds.
import * as z from "zod";
import { IndexerSilent } from "../errors.ts";

const wholeNumber = z
  .union([z.int().nonnegative(), z.string().regex(/^\d{1,20}$/)])
  .transform((value) => BigInt(value))
  .nullish();

/** Other fields are the indexer's own affair. */
const jsonReport = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: "custom", message: "is not JSON" });
      return z.NEVER;
    }
  })
  .pipe(z.object({ head: wholeNumber, eventsPerSecond: z.number().nonnegative().nullish() }));

export interface IndexerReport {
  readonly head: bigint | null;
  readonly eventsPerSecond: number | null;
}

/** Asks within `limitMs`; throws IndexerSilent. An indexer that reports itself unhealthy still knows the head. */
export async function indexerReport(url: string, limitMs: number): Promise<IndexerReport> {
  let text: string;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(limitMs), redirect: "error" });
    text = await response.text();
  } catch (cause) {
    const isLate = cause instanceof Error && cause.name === "TimeoutError";
    throw new IndexerSilent({ url, reason: isLate ? `no answer within ${limitMs} ms` : "it cannot be reached", cause });
  }
  const parsed = jsonReport.safeParse(text);
  if (!parsed.success)
    throw new IndexerSilent({ url, reason: "its answer is not a progress report", cause: parsed.error });
  return { head: parsed.data.head ?? null, eventsPerSecond: parsed.data.eventsPerSecond ?? null };
}
