// Begins a run here, or attaches to it when it is there already.
import { encode } from "../journal/codec.ts";
import { eventOf, type EngineDeps } from "./engine-deps.ts";
import { encodeRequest, type RunRequest } from "../flow/run-request.ts";

/** Resolves when DBOS has the run and the projection shows it. */
export async function beginRun(deps: EngineDeps, request: RunRequest): Promise<void> {
  const { runId, operation, version, by } = request;
  const text = encodeRequest(request, deps.secrets);
  deps.projector.know(request, encode(request.input, { what: "The input" }));
  deps.emit(eventOf(deps.clock, "run.created", { operation, version, by }, { runId }));
  await deps.dbos.begin(runId, text, { name: operation, version });
  await deps.projector.flush();
}
