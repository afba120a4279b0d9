// A plan for people.
import type { PlanView } from "@tidegate/contract";
import type { Terminal } from "../../terminal/terminal.ts";

export function planLines(plan: PlanView, style: Terminal["style"]): readonly string[] {
  const { draft } = plan;
  const steps = draft.steps.flatMap((step) => [
    `  ${step.destroys ? style("red", "DESTROYS") : style("green", "changes ")}  ${style("bold", step.name)}  ${step.change}`,
    style("dim", `            undo: ${step.undo ?? "cannot be undone"}`),
  ]);
  return [
    `${style("bold", plan.operation)} on ${style("bold", draft.target)}: ${draft.summary}`,
    ...(steps.length === 0 ? ["  Nothing to do."] : steps),
    ...(draft.notes ?? []).map((note) => `  note  ${note}`),
    style("dim", `  plan ${plan.id}, digest ${plan.digest.slice(0, 16)}`),
  ];
}
