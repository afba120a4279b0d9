// `npm run bench NAME [-- --quick]`: runs bench/NAME/bench.ts; the last line is JSON, and the exit code 1 when a bar does not hold.
import { existsSync, readdirSync } from "node:fs";
import { machine, type Bench } from "./bar.ts";

const folder = new URL("./", import.meta.url);
const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);
const [name, ...flags] = process.argv.slice(2);
const unknown = flags.filter((flag) => flag !== "--quick");

if (name === undefined || !existsSync(new URL(`${name}/bench.ts`, folder)) || unknown.length > 0) {
  if (unknown.length > 0) console.error(`${unknown.join(" ")} is no flag of a bench; there is only --quick.`);
  console.error(`Usage: npm run bench NAME [-- --quick], NAME one of ${names.join(", ")}.`);
  process.exit(64);
}

const { bench } = (await import(`./${name}/bench.ts`)) as { bench: Bench };
const bars = await bench({ isQuick: flags.includes("--quick") });
for (const bar of bars)
  console.error(
    `${bar.holds ? "holds" : "MISSED"}  ${bar.name}: ${bar.value}${bar.bar === undefined ? "" : ` (bar ${bar.bar})`}`,
  );
console.log(JSON.stringify({ bench: name, machine: machine(), bars }));
process.exitCode = bars.every((bar) => bar.holds) ? 0 : 1;
