// How the end of a failed run reads.
import type { RunDetailView } from "@tidegate/contract";
import type { Terminal } from "./terminal.ts";

export function tellRunError(terminal: Terminal, run: RunDetailView): void {
  const { error } = run;
  if (error === null) return;
  const step = run.steps.findLast((one) => one.state === "failed")?.name;
  terminal.talk(
    `${terminal.style("red", "failed")} ${step === undefined ? "" : `in step "${step}": `}${error.message}`,
  );
  if (error.remedy !== null) terminal.talk(`  do    ${error.remedy}`);
  terminal.talk(`  then  tidegate runs retry ${run.id}`);
  terminal.talk(terminal.style("dim", `  code  ${error.code}`));
}
