// `tidegate OPERATION apply` and `tidegate run OPERATION`: plan or take a plan, get consent, start, watch.
import { planSchema, startedSchema, type PlanView } from "@tidegate/contract";
import { EXIT, TidegateError, type ExitCode } from "@tidegate/kernel";
import type { CommandInput } from "../../installation/command-input.ts";
import type { OperatorClient } from "../../operator-client/create-client.ts";
import { findOperator } from "../../operator-client/find-operator.ts";
import { watchRun } from "../../watch/watch-run.ts";
import { readFields, type FieldFlags } from "./read-input.ts";
import { planLines } from "./tell-plan.ts";

export interface ApplyFlags extends FieldFlags {
  /** Of a plan that was made and shown before. */
  readonly planId: string | undefined;
  readonly isYes: boolean;
  readonly canAsk: boolean;
  readonly confirm: string | undefined;
  readonly key: string | undefined;
  readonly reason: string | undefined;
  readonly lockWaitMs: number | undefined;
  readonly isDetached: boolean;
}

class ConsentMissing extends TidegateError {
  override readonly name = "ConsentMissing";
  constructor(facts: { readonly planId: string; readonly why: string; readonly flags: string }) {
    super({
      code: "usage.consent-missing",
      message: `Plan ${facts.planId} was not applied: ${facts.why}. Nothing was started.`,
      remedy: `Give your consent with ${facts.flags}.`,
      details: { planId: facts.planId },
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

class PlanOfOther extends TidegateError {
  override readonly name = "PlanOfOther";
  constructor(facts: { readonly planId: string; readonly operation: string; readonly asked: string }) {
    const { planId, operation, asked } = facts;
    super({
      code: "usage.plan-of-other",
      message: `Plan ${planId} is one of ${operation}, not of ${asked}. Nothing was started.`,
      remedy: `Apply it with \`tidegate ${operation} apply ${planId}\`, or make a plan with \`tidegate ${asked} plan\`.`,
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export async function apply(input: CommandInput, operation: string, flags: ApplyFlags): Promise<ExitCode> {
  const { terminal } = input;
  const client = await findOperator(input);
  const given = flags.planId === undefined ? await readFields(flags, operation, client) : undefined;
  const plan = await getPlan(client, operation, flags.planId, given);
  if (!input.isJson) for (const line of planLines(plan, terminal.style)) terminal.talk(line);
  if (!plan.hasChanges) {
    if (input.isJson) terminal.data(JSON.stringify({ plan, runId: null }));
    else terminal.talk("Nothing to do; nothing was started.");
    return EXIT.ok;
  }
  const confirm = await consent(input, plan, flags);
  const body = {
    ...(confirm === undefined ? {} : { confirm }),
    ...(flags.key === undefined ? {} : { key: flags.key }),
    ...(flags.reason === undefined ? {} : { reason: flags.reason }),
    ...(flags.lockWaitMs === undefined ? {} : { lockWaitMs: flags.lockWaitMs }),
  };
  const { runId, isNew } = await client.send(
    "POST",
    `/v1/plans/${encodeURIComponent(plan.id)}/runs`,
    body,
    startedSchema,
  );
  if (!isNew) terminal.talk(`The key "${flags.key ?? ""}" has started ${runId} before; nothing new was started.`);
  if (flags.isDetached) {
    if (input.isJson) terminal.data(JSON.stringify({ runId, isNew }));
    else terminal.data(runId);
    terminal.talk(`Watch it with: tidegate runs watch ${runId}`);
    return EXIT.ok;
  }
  return watchRun({ terminal, client, runId, isJson: input.isJson });
}

async function getPlan(
  client: OperatorClient,
  operation: string,
  planId: string | undefined,
  input: unknown,
): Promise<PlanView> {
  if (planId !== undefined) {
    const plan = await client.get(`/v1/plans/${encodeURIComponent(planId)}`, planSchema);
    if (plan.operation !== operation) throw new PlanOfOther({ planId, operation: plan.operation, asked: operation });
    return plan;
  }
  return client.send("POST", `/v1/operations/${encodeURIComponent(operation)}/plans`, { input }, planSchema);
}

/** Gives what to confirm with; undefined where nothing is destroyed. */
async function consent({ terminal }: CommandInput, plan: PlanView, flags: ApplyFlags): Promise<string | undefined> {
  const { target } = plan.draft;
  if (plan.destroys) {
    if (flags.confirm !== undefined) return flags.confirm;
    const why = "it destroys data and nobody confirmed it";
    if (!flags.canAsk) throw new ConsentMissing({ planId: plan.id, why, flags: `--confirm="${target}"` });
    const typed = await terminal.ask(`This destroys data. Type the name of the target to go on (${target}): `);
    if (typed.trim() === target) return target;
    throw new ConsentMissing({
      planId: plan.id,
      why: `"${typed.trim()}" is not the target's name`,
      flags: `--confirm="${target}"`,
    });
  }
  // A plan that was shown before is consented to by naming it.
  if (flags.isYes || flags.planId !== undefined) return undefined;
  if (!flags.canAsk) throw new ConsentMissing({ planId: plan.id, why: "there is nobody to ask", flags: "--yes" });
  const answer = await terminal.ask("Do it? [y/N] ");
  if (/^y(es)?$/i.test(answer.trim())) return undefined;
  throw new ConsentMissing({ planId: plan.id, why: "the answer was no", flags: "--yes" });
}
