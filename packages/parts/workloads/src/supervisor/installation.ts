// All services of one state folder: adopting them, and one round over them in the right order.
import { existsSync } from "node:fs";
import { describeError } from "@tidegate/kernel";
import { findMarkedProcesses } from "../processes/marked-processes.ts";
import { desiredFile, serviceFolders } from "../processes/state-files.ts";
import { adoptService } from "./adopt-service.ts";
import type { SupervisorDeps } from "./deps.ts";
import { lookAfterService, type Turn } from "./look-after-service.ts";
import { refreshDesired } from "./refresh-desired.ts";
import type { ServiceRuntime } from "./slot.ts";
import { createStrays, type Strays } from "./strays.ts";

export interface Installation {
  readonly deps: SupervisorDeps;
  readonly services: Map<string, ServiceRuntime>;
  readonly strays: Strays;
}

/** Reads every service's record and takes over what lives. */
export function adoptInstallation(deps: SupervisorDeps): Installation {
  const marked = findMarkedProcesses(deps.digest);
  const services = new Map(
    knownServices(deps.stateDir).map((name) => [name, adoptService(deps, name, marked)] as const),
  );
  const adopted = new Set(
    [...services.values()]
      .flatMap((service) => [...service.slots.values()])
      .filter((slot) => slot.process !== undefined)
      .map((slot) => slot.spawnId),
  );
  const strays = createStrays(
    deps,
    marked.filter((one) => !adopted.has(one.spawnId)),
  );
  deps.emit({ code: "supervisor.started", pid: process.pid, adopted: adopted.size });
  return { deps, services, strays };
}

/** Looks once after every service. One that troubles does not keep the others waiting; it is told when its trouble changes. */
export function roundOver(installation: Installation, isStopping: boolean): void {
  const { deps, services, strays } = installation;
  strays.clear();
  if (!isStopping)
    for (const name of knownServices(deps.stateDir))
      if (!services.has(name)) services.set(name, adoptService(deps, name, []));
  // All are read before any is looked after: whether one may start or stop depends on what the others should be.
  const troubles = new Map<string, unknown>();
  const attempt = (service: ServiceRuntime, effect: () => void): void => {
    try {
      effect();
    } catch (error) {
      troubles.set(service.name, error);
    }
  };
  for (const service of services.values()) attempt(service, () => refreshDesired(deps, service));
  for (const service of services.values())
    attempt(service, () => lookAfterService(deps, service, turnOf(installation, service, isStopping)));
  for (const service of services.values()) tellTrouble(deps, service, troubles.get(service.name));
}

/** Once, and again when it changes. */
function tellTrouble(deps: SupervisorDeps, service: ServiceRuntime, error: unknown): void {
  const trouble = error === undefined ? undefined : describeError(error);
  if (trouble !== undefined && trouble !== service.lastTrouble)
    deps.emit({ code: "service.troubled", service: service.name, error });
  if (trouble === undefined) delete service.lastTrouble;
  else service.lastTrouble = trouble;
}

/** What still lives, in words for an error; none when all has ended. */
export function livingParts({ services, strays }: Installation): string[] {
  return [
    ...[...services.values()].flatMap((service) =>
      [...service.slots.values()]
        .filter((slot) => slot.phase !== "idle")
        .map((slot) => `${service.name} ${slot.index} (process ${slot.process?.pid ?? "unknown"})`),
    ),
    ...strays.living().map((stray) => `${stray.service} ${stray.index} (process ${stray.identity.pid})`),
  ];
}

/** Lets no instance wait any longer for its end, whatever its turn. */
export function killEverything({ deps, services }: Installation): void {
  const nowMs = deps.clock.monotonicMs();
  for (const service of services.values())
    for (const slot of service.slots.values())
      if (slot.phase !== "idle")
        Object.assign(slot, { phase: "stopping", stop: { reason: "shutdown", ...slot.stop, deadlineMs: nowMs } });
}

function turnOf(installation: Installation, service: ServiceRuntime, isStopping: boolean): Turn {
  if (!isStopping) return { mode: "run", obstacle: obstacleOf(installation, service) };
  const others = [...installation.services.values()].filter((other) => hasLife(other));
  const isNeeded = others.some((other) => other.desired?.spec.startAfter.includes(service.name) === true);
  return { mode: isNeeded ? "hold" : "drain", obstacle: undefined };
}

function obstacleOf({ services, strays }: Installation, service: ServiceRuntime): string | undefined {
  const [stray] = strays.living(service.name);
  if (stray !== undefined) return `it waits for process ${stray.identity.pid} to end, which an earlier supervisor left`;
  const missing = (service.desired?.spec.startAfter ?? []).filter(
    (name) => ![...(services.get(name)?.slots.values() ?? [])].some((slot) => slot.phase === "running"),
  );
  return missing.length === 0 ? undefined : `it waits for ${missing.join(" and ")} to be healthy`;
}

function hasLife(service: ServiceRuntime): boolean {
  return [...service.slots.values()].some((slot) => slot.phase !== "idle");
}

function knownServices(stateDir: string): string[] {
  return serviceFolders(stateDir).filter((name) => existsSync(desiredFile(stateDir, name)));
}
