// The document's log points, from what the engine tells. Source: the document, "Key Log Points".
import type { EngineEvent } from "@tidegate/engine";
import type { Logger } from "@tidegate/kernel";

/** By the beginning of a step's name: what is said when it begins and when it has ended. */
const SENTENCES: ReadonlyArray<readonly [step: string, begun: string, ended: string]> = [
  [
    "observe",
    "Verifying services, task definitions and ECR images",
    "Verified services, task definitions and ECR images",
  ],
  ["update-bazooka", "Upgrading bazooka", "Successfully upgraded bazooka"],
  ["record-writers", "Recording counts of DB writer services", "Recorded counts of DB writer services"],
  ["stop-writers", "Stopping DB writer services", "Told DB writer services to stop"],
  ["drain-writers", "Waiting for DB writer services to end", "DB writer services have ended"],
  ["migrate", "Running db migration", "Successfully ran db migration"],
  ["register-", "Registering ECS task definition", "Registered ECS task definition"],
  ["roll-", "Updating ECS service", "Updated ECS service"],
  ["restart-", "Starting DB writer service", "Started DB writer service"],
  ["await-writers", "Waiting for DB writer services to run", "DB writer services run"],
  ["await-rollout", "Waiting for ECS services to be stable", "Waited for ECS services to be stable"],
  ["check-health", "Checking health", "Health checks passed"],
  ["verify", "Verifying ECS services", "Verified ECS services"],
  ["align-writers", "Bringing DB writer services to one revision", "DB writer services are on one revision"],
  ["after-failure-", "Starting DB writer services after a failure", "Started DB writer services after a failure"],
  ["rollback-", "Rolling back", "Rolled back"],
];

export function logStep(logger: Logger, { code, step, runId, data }: EngineEvent): void {
  const [, begun, ended] = SENTENCES.find(([name]) => step?.startsWith(name) === true) ?? [];
  if (step === null || begun === undefined || ended === undefined) return;
  const at = `upgrade#${step}`;
  if (code === "step.started") logger.info(at, begun, { runId });
  else if (code === "step.succeeded") logger.info(at, ended, { runId, ...data });
  else if (code === "step.failed") logger.error(at, `${begun} failed`, { runId, ...data });
  // Within its step: whoever may still migrate is waited for there.
  else if (code === "step.progress" && step === "migrate")
    logger.warn(at, `${begun} is tried again`, { runId, ...data });
  else if (code === "step.retrying") logger.warn(at, `${begun} is tried again`, { runId, ...data });
}
