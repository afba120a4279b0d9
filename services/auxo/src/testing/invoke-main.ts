// The handler in a process of its own, for tests that kill it: the event as the argument, everything else from the environment.
import { handler } from "../index.ts";

const [event = "{}"] = process.argv.slice(2);
const until = performance.now() + 900_000;
try {
  const response = await handler(JSON.parse(event), {
    awsRequestId: `invocation-${process.pid}`,
    getRemainingTimeInMillis: () => until - performance.now(),
  });
  process.stdout.write(`${JSON.stringify(response)}\n`);
} catch {
  // The handler has logged it.
  process.exitCode = 1;
}
