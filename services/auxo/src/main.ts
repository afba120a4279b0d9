// `npm start -- event.json`: invokes the handler here, as Lambda would; the event from a file, or from stdin with `-`.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { handler } from "./index.ts";

/** As long as AWS lets a function run. */
const LIMIT_MS = 15 * 60_000;

const [path = "-"] = process.argv.slice(2);
const event: unknown = JSON.parse(readFileSync(path === "-" ? 0 : path, "utf8"));
const until = performance.now() + LIMIT_MS;
try {
  const response = await handler(event, {
    awsRequestId: randomUUID(),
    functionName: "auxo_lambda_function",
    getRemainingTimeInMillis: () => until - performance.now(),
  });
  process.stdout.write(`${JSON.stringify(response)}\n`);
} catch {
  // The handler has logged it.
  process.exitCode = 1;
}
