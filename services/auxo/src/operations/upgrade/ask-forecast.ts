// What would be migrated, asked of the code that would do it; without changing anything.
import { TidegateError } from "@tidegate/kernel";
import * as z from "zod";
import type { StoresForecast, UpgradeInput } from "../../types.ts";
import type { Scene } from "./observe.ts";
import { migrationPayload } from "./migration-payload.ts";

const answerSchema = z.object({
  body: z.string().transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue("no JSON");
      return z.NEVER;
    }
  }),
});

const forecastSchema = z.object({
  plan: z.object({
    target: z.string(),
    pendingMigrations: z.array(z.string()),
    irreversible: z.array(z.string()),
    topics: z.array(z.object({ name: z.string(), present: z.number().nullable(), wanted: z.number() })),
  }),
});

/** A Bazooka of an earlier release refuses a field that it does not know; and says so before it does anything. */
function withoutTheQuestion(error: unknown): null {
  // As FunctionFailed has it: the name of what the function threw.
  const thrown =
    error instanceof TidegateError ? (error.details["error"] as { readonly name?: string } | undefined) : undefined;
  if (thrown?.name === "EventInvalid") return null;
  throw error;
}

/** A question, not a migration: longer than this, and something blocks it. */
const LIMIT_MS = 60_000;

/**
 * Null where only an image that is not deployed could tell, and the platform cannot run it; or where the function is not Tidegate's Bazooka: one that does
 * not know the question finds no flag in it, does nothing, and answers without a plan.
 */
export async function askForecast(
  { platform }: Pick<Scene, "platform">,
  facts: {
    readonly name: string;
    readonly input: UpgradeInput;
    readonly runs: string | null;
    readonly image: string;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
  },
): Promise<StoresForecast | null> {
  const { functions } = platform;
  const { name, image, signal } = facts;
  const question = { observe: migrationPayload(facts.input) };
  const invocation = { limitMs: Math.min(LIMIT_MS, facts.timeoutMs), signal };
  const ask = async (): Promise<unknown> => {
    if (facts.runs === image) return functions.invoke(name, question, invocation);
    return functions.invokeImage?.(name, image, question, invocation);
  };
  const answer = answerSchema.safeParse(await ask().catch(withoutTheQuestion));
  const forecast = forecastSchema.safeParse(answer.data?.body);
  return forecast.success ? forecast.data.plan : null;
}
