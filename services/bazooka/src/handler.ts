// The Lambda handler: parses the event, refuses what is not allowed, runs `prepare`, and answers as the document says.
import { createHandler, type HandlerContext } from "@tidegate/engine";
import {
  createLogger,
  describeError,
  silentReporter,
  TidegateError,
  withReporter,
  type ErrorReporter,
  type Logger,
} from "@tidegate/kernel";
import { createBugsnagReporter } from "@tidegate/kernel/bugsnag";
import { loadConfig, type BazookaConfig } from "./config.ts";
import { SERVICE } from "./constants.ts";
import { allowedActions } from "./event/actions.ts";
import { parseEvent } from "./event/parse-event.ts";
import { questionOf } from "./event/question-of.ts";
import { describePreparation } from "./operations/prepare/describe-preparation.ts";
import { createPrepare } from "./operations/prepare/operation.ts";
import type { BazookaResponse } from "./types.ts";

/** The event: BazookaEventJson, or an API Gateway event with it as its body. */
export type BazookaHandler = (event: unknown, context: HandlerContext) => Promise<BazookaResponse>;

export interface BazookaHandlerOptions {
  /** Default process.env. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly logger?: Logger;
  readonly reporter?: ErrorReporter;
}

/** The settings are read with the first event, so that a mistake in them is an answer and not a crash at load. */
export function createBazookaHandler(options: BazookaHandlerOptions = {}): BazookaHandler {
  const env = options.env ?? process.env;
  const logger = options.logger ?? createLogger({ service: SERVICE });
  let made: { readonly handle: BazookaHandler; readonly reporter: ErrorReporter } | undefined;
  return async (event, context) => {
    made ??= make(loadConfig(env), { ...options, env, logger });
    const { handle, reporter } = made;
    return withReporter(reporter, async () => {
      try {
        return await handle(event, context);
      } catch (error) {
        const known = error instanceof TidegateError ? { code: error.code, remedy: error.remedy } : {};
        logger.error("index#handler", describeError(error), { ...known, error });
        throw error;
      }
    });
  };
}

function make(
  config: BazookaConfig,
  { env, logger, reporter }: BazookaHandlerOptions & { readonly logger: Logger },
): { readonly handle: BazookaHandler; readonly reporter: ErrorReporter } {
  const handle = createHandler<unknown, BazookaResponse>({
    operation: createPrepare({ config, logger }),
    toInput: (event) => {
      const input = parseEvent(event);
      logger.info("index#handler", "Event received", { ...input });
      // Before anything is begun, read or connected to.
      allowedActions(input, config);
      return input;
    },
    respond: (_, facts) => {
      logger.info("index#handler", "Done", { ...facts });
      return { statusCode: 200, body: JSON.stringify({ message: "success" }) };
    },
    logger,
    ...(env === undefined ? {} : { env }),
  });
  return {
    handle: async (event, context) => {
      const question = questionOf(event);
      return question === undefined ? handle(event, context) : answer(config, question.about, logger);
    },
    reporter: reporter ?? startBugsnag(config, logger),
  };
}

/** The plan of an event beside the document's answer. No run is begun, and no engine is needed. */
async function answer(config: BazookaConfig, about: unknown, logger: Logger): Promise<BazookaResponse> {
  const input = parseEvent(about);
  logger.info("index#handler", "Asked what an event would do", { ...input });
  const plan = await describePreparation(config, input);
  return { statusCode: 200, body: JSON.stringify({ message: "success", plan }) };
}

/** Once per process, and only with a key. */
export function startBugsnag(
  { bugsnagKey, bugsnagNotifyUrl, bugsnagReleaseStage, sendBugsnagErrors }: BazookaConfig,
  logger: Logger,
): ErrorReporter {
  if (bugsnagKey === undefined || !sendBugsnagErrors) return silentReporter;
  return createBugsnagReporter({
    apiKey: bugsnagKey,
    ...(bugsnagReleaseStage === undefined ? {} : { releaseStage: bugsnagReleaseStage }),
    ...(bugsnagNotifyUrl === undefined ? {} : { endpoints: { notify: bugsnagNotifyUrl, sessions: bugsnagNotifyUrl } }),
    onUndelivered: (error) => logger.warn("index#startBugsnag", "A report could not be delivered", { error }),
  });
}
