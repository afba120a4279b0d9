// The market indexer's program `dead-letters`, run as a process: the CLI imports no service.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { EXIT, TidegateError, type ExitCode } from "@tidegate/kernel";
import * as z from "zod";
import { checkoutRoot } from "../../installation/checkout-root.ts";
import type { CommandInput } from "../../installation/command-input.ts";
import { findDatabase } from "./find-database.ts";

const PROGRAM = join(checkoutRoot, "services/market-indexer/src/dead-letters/main.ts");

const failureSchema = z.object({ error: z.object({ code: z.string(), message: z.string(), remedy: z.string() }) });

/** Its answer, checked; throws what it says went wrong, with its exit code. */
export async function runDeadLetters<T>(
  input: CommandInput,
  args: readonly string[],
  schema: z.ZodType<T>,
): Promise<T> {
  const database = await findDatabase(input);
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { PATH: input.env["PATH"], DATABASE_URL: database.reveal() },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  const answer = parse(out);
  const failure = failureSchema.safeParse(answer);
  if (failure.success) throw new DeadLettersFailed({ ...failure.data.error, exit: (code as ExitCode | null) ?? 1 });
  const checked = schema.safeParse(answer);
  if (checked.success) return checked.data;
  throw new DeadLettersFailed({
    code: "indexer.program-failed",
    message: `The program dead-letters ended with ${String(code)} and no answer: ${err.trim().slice(0, 500)}`,
    remedy: "Report it.",
    exit: EXIT.failed,
  });
}

function parse(out: string): unknown {
  try {
    return JSON.parse(out) as unknown;
  } catch {
    return undefined;
  }
}

/** What the program says went wrong, handed on as it is. */
class DeadLettersFailed extends TidegateError {
  override readonly name = "DeadLettersFailed";
}
