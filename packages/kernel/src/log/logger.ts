// Structured logs, one JSON object a line: `at` (where), `message` (what), and context.
import { pino, type DestinationStream } from "pino";
import { serialiseError } from "../errors/serialise-error.ts";

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

export interface Logger {
  debug(at: string, message: string, context?: Readonly<Record<string, unknown>>): void;
  info(at: string, message: string, context?: Readonly<Record<string, unknown>>): void;
  warn(at: string, message: string, context?: Readonly<Record<string, unknown>>): void;
  error(at: string, message: string, context?: Readonly<Record<string, unknown>>): void;
  /** The same logger with more context on every line. */
  child(context: Readonly<Record<string, unknown>>): Logger;
}

export interface LoggerOptions {
  readonly service: string;
  /** Default "info". */
  readonly level?: LogLevel;
  /** Default stdout, written synchronously, so that the last line before a crash is there. */
  readonly destination?: DestinationStream;
}

/**
 * A pino logger with our field names. `at` is `file#function`; an Error anywhere in the context is written in full, with its
 * causes; bigints become decimal strings; a `Secret` becomes `[secret]`.
 */
export function createLogger(options: LoggerOptions): Logger {
  const destination = options.destination ?? pino.destination({ fd: 1, sync: true });
  const base = pino(
    {
      level: options.level ?? "info",
      messageKey: "message",
      base: { service: options.service, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return wrap(base);
}

function wrap(target: Pick<ReturnType<typeof pino>, "debug" | "info" | "warn" | "error" | "child">): Logger {
  return {
    debug: (at, message, context) => target.debug({ at, ...plain(context) }, message),
    info: (at, message, context) => target.info({ at, ...plain(context) }, message),
    warn: (at, message, context) => target.warn({ at, ...plain(context) }, message),
    error: (at, message, context) => target.error({ at, ...plain(context) }, message),
    child: (context) => wrap(target.child(plain(context))),
  };
}

function plain(context: Readonly<Record<string, unknown>> | undefined): Record<string, unknown> {
  if (context === undefined) return {};
  return Object.fromEntries(Object.entries(context).map(([key, value]) => [key, plainValue(value)]));
}

function plainValue(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Error) return plain(serialiseError(value) as unknown as Record<string, unknown>);
  if (Array.isArray(value)) return value.map(plainValue);
  if (value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
    return plain(value as Record<string, unknown>);
  }
  return value;
}
