// A Lambda function as a process: one invocation of the rehearsal's handler. Arguments: the event, the request id, the time-out in ms.
import { createHandler } from "@tidegate/engine";
import { createLogger, Secret, systemClock } from "@tidegate/kernel";
import { createPool } from "@tidegate/postgres";
import { createRehearsal } from "@tidegate/rehearsal";

const [event = "{}", awsRequestId = "", timeoutMs = "60000"] = process.argv.slice(2);
const pool = createPool({ url: new Secret(process.env["LEDGER_URL"] ?? ""), applicationName: "handler", max: 3 });
const logger = createLogger({ service: "handler" });
const end = performance.now() + Number(timeoutMs);
const handler = createHandler({
  operation: createRehearsal({ pool, outside: { path: process.env["LEDGER_FILE"] ?? "", clock: systemClock } }),
  toInput: (given: unknown) => given,
  respond: (result, facts) => ({ message: "success", result, ...facts }),
  logger,
  onEvent: ({ code, runId, step }) => {
    if (runId !== null) logger.info("handler-main.ts", code, { runId, ...(step === null ? {} : { step }) });
  },
});

const say = (answer: unknown): void => {
  const text = JSON.stringify(answer, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
  process.stdout.write(`${JSON.stringify({ level: "info", message: "answer" })}\n${text}\n`);
};
try {
  say(await handler(JSON.parse(event), { awsRequestId, getRemainingTimeInMillis: () => end - performance.now() }));
} catch (error) {
  const { code, message } = error as { readonly code?: string; readonly message: string };
  say({ code, message });
}
await pool.end();
process.exit(0);
