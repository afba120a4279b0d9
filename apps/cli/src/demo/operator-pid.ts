// Which process is the operator, as `tidegate status` says.
import type { TemporaryInstallation } from "./temporary-installation.ts";

/** 0 when there is none. */
export function operatorPid(tidegate: TemporaryInstallation["tidegate"]): number {
  const { services } = JSON.parse(tidegate(["status", "--json"], true)) as {
    services: ReadonlyArray<{ name: string; pid: number | null }>;
  };
  return services.find((one) => one.name === "operator")?.pid ?? 0;
}
