// The one door to DBOS inside a flow: what fails there is not the operation's failure, and its code must not see it.
import { Error as DBOSErrors, DBOSStepNondeterminismError, DBOSWorkflowConflictError } from "@dbos-inc/dbos-sdk";
import { FlowChanged } from "../errors/operation-errors.ts";
import { never, type Execution } from "../flow/execution.ts";

/**
 * Runs `call` (which must reserve its place in the journal synchronously).
 *
 * - This executor stops, or the run is another's now: never settles, so nothing of this execution happens after it. A displaced execution
 *   is let go of, so that a drain does not wait for it.
 * - The journal has another call in this place: throws FlowChanged.
 * - Anything else is trouble with the database that DBOS did not get over: the executor gives itself up, and its runs are taken over.
 */
export async function journalCall<T>(
  execution: Execution,
  giveUp: (error: unknown) => void,
  call: () => Promise<T>,
): Promise<T> {
  if (execution.halt.aborted) return never();
  try {
    const value = await call();
    return execution.halt.aborted ? await never() : value;
  } catch (error) {
    if (error instanceof DBOSWorkflowConflictError) execution.displace();
    if (execution.halt.aborted) return never();
    // Somebody cancelled it with DBOS's own tools: DBOS ends the run.
    if (error instanceof DBOSErrors.DBOSWorkflowCancelledError) throw error;
    if (error instanceof DBOSErrors.DBOSUnexpectedStepError || error instanceof DBOSStepNondeterminismError) {
      const { operation, runId } = execution.request;
      throw new FlowChanged({ operation, runId, cause: error });
    }
    giveUp(error);
    return never();
  }
}
