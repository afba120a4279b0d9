// The kernel: what every package stands on. It imports nothing of ours.
export { systemClock, type Clock } from "./clock/clock.ts";
export { waitUntil, type WaitOptions } from "./clock/wait-until.ts";
export { closestName } from "./config/closest-name.ts";
export { ConfigInvalid, type ConfigProblem } from "./config/config-error.ts";
export {
  blockNumber,
  databaseUrl,
  evmAddress,
  httpUrl,
  httpUrls,
  secretText,
  wholeNumber,
  yesOrNo,
} from "./config/forms.ts";
export {
  explainSettings,
  loadSettings,
  type Explained,
  type Loaded,
  type LoadInput,
  type Origin,
} from "./config/load-settings.ts";
export { setting, type Setting, type Settings, type ValuesOf } from "./config/setting.ts";
export { describeError } from "./errors/describe-error.ts";
export { PartIsOff } from "./errors/part-is-off.ts";
export { serialiseError, type SerialisedError } from "./errors/serialise-error.ts";
export {
  EXIT,
  TidegateError,
  type Blame,
  type ExitCode,
  type Retry,
  type TidegateErrorFacts,
} from "./errors/tidegate-error.ts";
export { TimedOut } from "./errors/timed-out.ts";
export { createLogger, type Logger, type LoggerOptions, type LogLevel } from "./log/logger.ts";
export { seededRandom, type Random } from "./random.ts";
export { silentReporter, withReporter, type ErrorReporter } from "./report/reporter.ts";
export { backoffMs, retry, type RetryOptions, type RetryPolicy } from "./retry/retry.ts";
export { redactUrl, Secret } from "./secret.ts";
export { runProgram, untilStopped, type Program } from "./shutdown/run-program.ts";
export { createShutdown, type Shutdown } from "./shutdown/shutdown.ts";
