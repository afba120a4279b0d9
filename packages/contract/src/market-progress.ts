// How far the market's index is behind the chain.
import * as z from "zod";

/** A bigint in code; in JSON a decimal string, like every block number of this contract. */
export const blockNumberSchema = z.string().regex(/^\d{1,20}$/);

/** A field is null when its source does not know it; `detail` then says why. */
export const marketProgressSchema = z.strictObject({
  chainId: blockNumberSchema.nullable(),
  head: blockNumberSchema.nullable().describe("Newest block of the chain, as the indexer last saw it."),
  indexedBlock: blockNumberSchema.nullable().describe("Last block whose events are stored."),
  indexedAt: z.iso.datetime().nullable().describe("Time of that block."),
  lagBlocks: z.int().nonnegative().nullable().describe("head - indexedBlock."),
  eventsPerSecond: z.number().nonnegative().nullable(),
  detail: z.string().nullable(),
});
export type MarketProgress = z.infer<typeof marketProgressSchema>;
