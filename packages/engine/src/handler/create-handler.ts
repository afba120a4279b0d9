// An operation as a Lambda handler: a client first, in-process on a database without an operator, in memory only when told to.
import { systemClock, type Clock, type Logger } from "@tidegate/kernel";
import { BY_CONTRACT, type Engine } from "../control/engine.ts";
import type { EventListener } from "../events/engine-event.ts";
import type { AnyOperation } from "../operation/operation.ts";
import { digestOf } from "../plan/digest.ts";
import { createVolatileEngine } from "../volatile/create-volatile-engine.ts";
import { endOf, type Ended, type HandlerCall } from "./handler-call.ts";
import { chooseMode, type HandlerMode } from "./choose-mode.ts";
import { HandlerTooLate } from "./handler-errors.ts";
import { runOnOperator } from "./run-on-operator.ts";

/** Of what AWS Lambda gives a handler, what is used. */
export interface HandlerContext {
  readonly awsRequestId: string;
  readonly functionName?: string;
  readonly getRemainingTimeInMillis: () => number;
}

export interface HandlerOptions<Event, Response> {
  /** Made per invocation or once; in-process, its steps run here. */
  readonly operation: AnyOperation;
  /** The event's own meaning, as the operation's input. Throws what the caller shall see. */
  readonly toInput: (event: Event) => unknown;
  /** The answer to a run that succeeded; of a run that did not, its error is thrown. */
  readonly respond: (result: unknown, facts: { readonly runId: string; readonly isVolatile: boolean }) => Response;
  readonly logger: Logger;
  /** Default process.env. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
  /** Told of what the engine does in this process; on an operator, the operator's log has it. */
  readonly onEvent?: EventListener;
}

/** Kept back for the answer, and in-process for letting go of the run. */
export const DEADLINE_MARGIN_MS = 3_000;
/** Less than this is not worth beginning with. */
const LEAST_MS = 2_000;

/**
 * Gives `handler(event, context)`.
 *
 * - The same event (what it means, not how it was sent) attaches to its run while that is unfinished, and starts a new one afterwards; the same request (AWS repeats an
 *   asynchronous event under its id) attaches to its run for ever. So nothing is done twice because a handler was killed or repeated.
 * - Before its deadline it stops waiting and throws HandlerDeadline. The run goes on, on the operator; in-process it is let go of, and the
 *   next invocation, or any executor, goes on with it: a frozen process must not believe that it still has the run.
 * - The event is the consent: what the contract of the event says is destroyed needs no further confirmation.
 */
export function createHandler<Event, Response>(
  options: HandlerOptions<Event, Response>,
): (event: Event, context: HandlerContext) => Promise<Response> {
  const memory: { engine?: Engine } = {};
  return async (event, context) => {
    const mode = chooseMode(options.env ?? process.env);
    const input = options.toInput(event);
    const remainingMs = context.getRemainingTimeInMillis();
    if (remainingMs < DEADLINE_MARGIN_MS + LEAST_MS) {
      throw new HandlerTooLate({ remainingMs, neededMs: DEADLINE_MARGIN_MS + LEAST_MS });
    }
    const call: HandlerCall = {
      operation: options.operation,
      input,
      by: `lambda:${context.functionName ?? options.operation.name}`,
      // Of what the event means: API Gateway's has another id and time each time it is sent.
      key: `event:${digestOf(input)}`,
      requestId: context.awsRequestId,
      waitMs: () => Math.max(0, Math.floor(context.getRemainingTimeInMillis() - DEADLINE_MARGIN_MS)),
      logger: options.logger,
      clock: options.clock ?? systemClock,
      onEvent: options.onEvent ?? (() => undefined),
    };
    const { runId, result } = await runIn(mode, call, memory);
    return options.respond(result, { runId, isVolatile: mode.kind === "volatile" });
  };
}

async function runIn(mode: HandlerMode, call: HandlerCall, memory: { engine?: Engine }): Promise<Ended> {
  switch (mode.kind) {
    case "client":
      return runOnOperator(mode, call);
    case "durable":
      return runInProcess(mode.url, call);
    case "volatile": {
      call.logger.warn(
        "create-handler.ts#runIn",
        "TIDEGATE_ENGINE=volatile: this run is in memory; a kill is not survived",
        {
          operation: call.operation.name,
        },
      );
      memory.engine ??= createVolatileEngine({ operations: [call.operation], onEvent: call.onEvent });
      return startAndWait(memory.engine, call, { goesOn: false });
    }
    default:
      return mode satisfies never;
  }
}

/** The engine lives as long as the invocation: a process that is frozen between two must hold nothing. */
async function runInProcess(url: Extract<HandlerMode, { kind: "durable" }>["url"], call: HandlerCall): Promise<Ended> {
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => undefined);
  // Loaded when it is needed: a client of an operator does without the memory of DBOS.
  const { createDurableEngine } = await import("../durable/create-durable-engine.ts");
  const engine = await inTime(call, {
    work: createDurableEngine({
      url,
      // One operation of several that may share the database: runs of the others are not its matter.
      operations: [call.operation],
      onLost: lost.reject,
      clock: call.clock,
      onEvent: call.onEvent,
    }),
    whenLate: async (late) => late.stop(),
  });
  try {
    return await Promise.race([startAndWait(engine, call, { goesOn: false }), lost.promise]);
  } finally {
    await engine.stop();
  }
}

async function startAndWait(
  engine: Engine,
  call: HandlerCall,
  { goesOn }: { readonly goesOn: boolean },
): Promise<Ended> {
  const { by, key, requestId } = call;
  const over = new AbortController();
  const { runId, isNew } = await inTime(call, {
    work: engine.start(call.operation.name, call.input, {
      by,
      key,
      keyScope: "unfinished",
      requestId,
      confirm: BY_CONTRACT,
      signal: over.signal,
    }),
    whenOver: (error) => over.abort(error),
  });
  call.logger.info("create-handler.ts#startAndWait", isNew ? "Run started" : "Attached to the run of this event", {
    runId,
  });
  const outcome = await engine.wait(runId, { timeoutMs: call.waitMs() });
  return endOf(outcome, runId, { by, goesOn });
}

/** Throws HandlerTooLate when the invocation's time is over first; what comes after it is given to `whenLate`. */
async function inTime<T>(
  call: HandlerCall,
  {
    work,
    whenOver,
    whenLate,
  }: {
    readonly work: Promise<T>;
    readonly whenOver?: (error: HandlerTooLate) => void;
    readonly whenLate?: (late: T) => Promise<void>;
  },
): Promise<T> {
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new HandlerTooLate({ remainingMs: 0, neededMs: LEAST_MS });
    over.reject(error);
    whenOver?.(error);
    // Whether it comes or fails now, nobody waits for it.
    work.then(async (late) => whenLate?.(late)).catch(() => undefined);
  }, call.waitMs());
  try {
    return await Promise.race([work, over.promise]);
  } finally {
    clearTimeout(timer);
  }
}
