// The Lambda handler: parses the event, runs `upgrade`, and answers as the document says.
import { chooseMode, createHandler, type HandlerContext } from "@tidegate/engine";
import { createLogger, describeError, TidegateError, type Logger } from "@tidegate/kernel";
import { loadConfig, type AuxoConfig } from "./config.ts";
import { SERVICE } from "./constants.ts";
import { createUpgradeOperation, type AuxoDeps } from "./create-operations.ts";
import { parseEvent } from "./event/parse-event.ts";
import { logStep } from "./log-step.ts";
import type { AuxoResponse } from "./types.ts";

/** The event: AuxoEventJson, or an API Gateway event with it as its body or beside it. */
export type AuxoHandler = (event: unknown, context: HandlerContext) => Promise<AuxoResponse>;

export interface AuxoHandlerOptions {
  /** Default process.env. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly logger?: Logger;
  readonly aws?: AuxoDeps["aws"];
  /** Default the system's. */
  readonly clock?: AuxoDeps["clock"];
}

/** The settings are read with the first event, so that a mistake in them is an answer and not a crash at load. */
export function createAuxoHandler(options: AuxoHandlerOptions = {}): AuxoHandler {
  const env = options.env ?? process.env;
  const logger = options.logger ?? createLogger({ service: SERVICE });
  let handle: AuxoHandler | undefined;
  return async (event, context) => {
    try {
      handle ??= make(loadConfig(env), { ...options, env, logger });
      return await handle(event, context);
    } catch (error) {
      const known = error instanceof TidegateError ? { code: error.code, remedy: error.remedy } : {};
      logger.error("index#handler", "Error upgrading services", { ...known, reason: describeError(error), error });
      throw error;
    }
  };
}

function make(
  config: AuxoConfig,
  { env, logger, aws, clock }: AuxoHandlerOptions & Required<Pick<AuxoHandlerOptions, "env" | "logger">>,
): AuxoHandler {
  const deadline: { remainingMs?: () => number } = {};
  const operation = createUpgradeOperation({
    config,
    env,
    deadline,
    ...(aws === undefined ? {} : { aws }),
    ...(clock === undefined ? {} : { clock }),
  });
  const handle = createHandler<unknown, AuxoResponse>({
    operation,
    toInput: (event) => {
      const input = parseEvent(event);
      // Never the event itself: API Gateway's carries its caller's credentials.
      logger.info("index#handler", "Event received", { ...input });
      return input;
    },
    respond: (result, { runId, isVolatile }) => {
      logger.info("index#handler", "Services upgraded", { runId, isVolatile, result });
      return { statusCode: 200, body: JSON.stringify({ message: "success" }) };
    },
    logger,
    env,
    onEvent: (event) => logStep(logger, event),
  });
  return async (event, context) => {
    // An operator has no deadline; here the steps end with the invocation.
    if (chooseMode(env).kind !== "client") deadline.remainingMs = () => context.getRemainingTimeInMillis();
    return handle(event, context);
  };
}
