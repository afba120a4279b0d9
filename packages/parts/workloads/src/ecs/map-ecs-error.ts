// ECS's own errors, before the ones that all of AWS has.
import { callAws } from "@tidegate/aws";
import { ClusterNotFound, UnknownService } from "../errors.ts";
import type { EcsDeps } from "./ecs-deps.ts";

/** Calls ECS: `action` is "DescribeServices". `service`: by its short name, when the call is about one. */
export async function callEcs<Output>(
  deps: EcsDeps,
  call: { readonly action: string; readonly what: string; readonly service?: string },
  send: () => Promise<Output>,
  sooner: (error: unknown) => unknown = (error) => error,
): Promise<Output> {
  return callAws({ action: `ecs:${call.action}`, what: call.what }, send, (error) => {
    const name = error instanceof Error ? error.name : "";
    if (name === "ClusterNotFoundException") return new ClusterNotFound({ cluster: deps.cluster, cause: error });
    const isGone = name === "ServiceNotFoundException" || name === "ServiceNotActiveException";
    if (isGone && call.service !== undefined) return unknownService(deps, [call.service]);
    return sooner(error);
  });
}

/** Names all that are missing, as ECS knows them. */
export function unknownService(deps: EcsDeps, missing: readonly string[]): UnknownService {
  return new UnknownService({
    service: missing.map((name) => {
      const ecsName = Object.hasOwn(deps.services, name) ? deps.services[name]?.service : undefined;
      return ecsName === undefined || ecsName === name ? name : `${name} (${ecsName})`;
    }),
    known: Object.keys(deps.services).sort(),
    where: `the ECS cluster ${deps.cluster}`,
  });
}
