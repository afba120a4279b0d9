// `tidegate indexer dead-letters ls|retry`: logs of the market that do not decode.
import { EXIT, type ExitCode } from "@tidegate/kernel";
import * as z from "zod";
import type { CommandInput } from "../../installation/command-input.ts";
import { table } from "../../terminal/table.ts";
import { runDeadLetters } from "./run-dead-letters.ts";

const listSchema = z.object({
  total: z.number(),
  deadLetters: z.array(
    z.object({
      block: z.number(),
      logIndex: z.number(),
      txHash: z.string(),
      event: z.string().nullable(),
      reason: z.string(),
      topics: z.array(z.string()),
      data: z.string(),
      firstSeenAt: z.string(),
      lastTriedAt: z.string(),
      tries: z.number(),
    }),
  ),
});

const retriedSchema = z.object({ tried: z.number(), stored: z.number(), left: z.number() });

export async function listDeadLetters(input: CommandInput, limit: string | undefined): Promise<ExitCode> {
  const { terminal, isJson } = input;
  const args = limit === undefined ? [] : ["--limit", limit];
  const list = await runDeadLetters(input, ["ls", ...args], listSchema);
  if (isJson) terminal.data(JSON.stringify(list));
  else if (list.total === 0) terminal.talk("There are no dead letters: every log of the market is stored as an event.");
  else {
    const rows = list.deadLetters.map((one) => [
      String(one.block),
      String(one.logIndex),
      one.event ?? "unknown",
      String(one.tries),
      one.reason,
    ]);
    for (const line of table([["BLOCK", "LOG", "EVENT", "TRIES", "REASON"], ...rows])) terminal.data(line);
    if (list.total > rows.length) terminal.talk(`${rows.length} of ${list.total}; --limit shows more.`);
    terminal.talk("With a release that knows them: tidegate indexer dead-letters retry");
  }
  return EXIT.ok;
}

export interface WhichLetter {
  readonly block: string | undefined;
  readonly logIndex: string | undefined;
}

/** 0 when none is left of those that were tried, else 1. */
export async function retryDeadLetters(input: CommandInput, { block, logIndex }: WhichLetter): Promise<ExitCode> {
  const { terminal, isJson } = input;
  const args = [
    ...(block === undefined ? [] : ["--block", block]),
    ...(logIndex === undefined ? [] : ["--log-index", logIndex]),
  ];
  const retried = await runDeadLetters(input, ["retry", ...args], retriedSchema);
  if (isJson) terminal.data(JSON.stringify(retried));
  else {
    terminal.talk(`${retried.tried} tried, ${retried.stored} stored as events, ${retried.left} dead letters left.`);
    if (retried.left > 0) terminal.talk("What is left, and why: tidegate indexer dead-letters ls");
  }
  return retried.stored === retried.tried ? EXIT.ok : EXIT.failed;
}
