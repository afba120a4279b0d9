// Begins a run here, or attaches to it when it is there already.
import { withTransaction } from "@tidegate/postgres";
import { encode } from "../journal/codec.ts";
import { encodeRequest, type RunRequest } from "../flow/run-request.ts";
import { eventOf, type EngineDeps } from "./engine-deps.ts";
import { assertNotOutdated } from "./release-order.ts";

/** Resolves when DBOS has the run and the projection shows it: told only then, so that nothing is shown that does not exist. Throws ReleaseOutdated. */
export async function beginRun(deps: EngineDeps, request: RunRequest): Promise<void> {
  const { runId, operation, version, by } = request;
  const text = encodeRequest(request, deps.secrets);
  await withTransaction(deps.pool, async (client) => {
    await assertNotOutdated(client, { ...request, executorNumber: deps.lock.number });
    await deps.dbos.begin(runId, text, { name: operation, version });
    // At once: its execution has begun, and tells what it does.
    deps.projector.know(request, encode(request.input, { what: "The input" }));
    deps.emit(eventOf(deps.clock, "run.created", { operation, version, by }, { runId }));
  });
  await deps.projector.flush();
}
