// A program that uses local functions, so that a test can kill it: it updates or invokes as its argument says.
//
// {"do":"invoke", …options, "name", "task"}              prints {"returned": …} when it was answered
// {"do":"update", …options, "name", "image"}             stops in the middle, under the lock, and prints "checking"
// {"do":"update-for-ever", …options, "name", "images"}   prints "begun", then goes from one to the other until it is killed
import { createLocalFunctions } from "../local/create-local-functions.ts";

interface Order {
  readonly do: "invoke" | "update" | "update-for-ever";
  readonly stateDir: string;
  readonly releasesDir: string;
  readonly name: string;
  readonly task?: unknown;
  readonly image?: string;
  readonly images?: readonly string[];
}

const order = JSON.parse(process.argv[2] ?? "") as Order;
const tell = (text: string): void => void process.stdout.write(`${text}\n`);

const functions = createLocalFunctions({
  stateDir: order.stateDir,
  releasesDir: order.releasesDir,
  images: {
    // What is asked for is what is there: these tests are not about the folder.
    resolve: async ({ tag }) => {
      if (order.do === "update") {
        tell("checking");
        await new Promise(() => setInterval(() => undefined, 1_000));
      }
      const uri = [order.image, ...(order.images ?? [])].find((one) => one?.startsWith(`release:${tag}@`));
      return { uri: uri ?? "" };
    },
  },
});

if (order.do === "invoke")
  tell(JSON.stringify({ returned: await functions.invoke(order.name, order.task, { limitMs: 60_000 }) }));
if (order.do === "update") await functions.update(order.name, { image: order.image ?? "" });
if (order.do === "update-for-ever") {
  tell("begun");
  for (;;) for (const image of order.images ?? []) await functions.update(order.name, { image });
}
