// Each try of each call is told, so that polling can be counted against the rate limits.
import { isThrottling } from "../errors/sdk-error.ts";

export interface ApiCall {
  /** As in IAM: "ecs", "ecr", "lambda". */
  readonly service: string;
  /** "DescribeServices". */
  readonly operation: string;
  /** From 1. */
  readonly attempt: number;
  readonly durationMs: number;
  readonly throttled: boolean;
}

export type OnApiCall = (call: ApiCall) => void;

/** What is used of the SDK's middleware stack, whose own type differs from client to client. */
interface Stack {
  addRelativeTo(middleware: Middleware, options: { relation: "after"; toMiddleware: string; name: string }): void;
}
type Middleware = (next: Next, context: { readonly clientName?: string; readonly commandName?: string }) => Next;
type Next = (args: { readonly request?: unknown }) => Promise<unknown>;

/** Adds the counting to a client: inside the SDK's retries, so that each try counts. */
export function countCalls(client: object, onCall: OnApiCall): void {
  const { middlewareStack } = client as { middlewareStack: Stack };
  const middleware: Middleware = (next, context) => async (args) => {
    const startMs = performance.now();
    const tell = (throttled: boolean): void => {
      onCall({
        service: (context.clientName ?? "").replace(/Client$/, "").toLowerCase(),
        operation: (context.commandName ?? "").replace(/Command$/, ""),
        attempt: attemptOf(args.request),
        durationMs: performance.now() - startMs,
        throttled,
      });
    };
    try {
      const output = await next(args);
      tell(false);
      return output;
    } catch (error) {
      tell(isThrottling(error));
      throw error;
    }
  };
  middlewareStack.addRelativeTo(middleware, {
    relation: "after",
    toMiddleware: "retryMiddleware",
    name: "tidegateCountCalls",
  });
}

/** From the header that the SDK's retries set: `attempt=2; max=5`. */
function attemptOf(request: unknown): number {
  const header = (request as { headers?: Record<string, string> } | undefined)?.headers?.["amz-sdk-request"];
  return Number(/attempt=(\d+)/.exec(header ?? "")?.[1] ?? 1);
}
