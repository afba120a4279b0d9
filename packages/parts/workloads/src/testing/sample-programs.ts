// Small real programs that behave well or badly, written into a release's folder.

/** Serves 200 on PORT, says who it is, ends on SIGTERM. */
export const SERVER = `
import http from "node:http";
const server = http.createServer((request, response) => response.end(process.pid + " " + (process.env.GREETING ?? "")));
server.listen(Number(process.env.PORT), "127.0.0.1", () => console.log("listening " + process.pid));
process.on("SIGTERM", () => { console.log("draining " + process.pid); server.close(() => process.exit(0)); server.closeAllConnections(); });
`;

/** Serves 200 until asked for /break, 503 from then on. */
export const BREAKABLE = `
import http from "node:http";
let status = 200;
http.createServer((request, response) => {
  if (request.url === "/break") status = 503;
  response.writeHead(status).end();
}).listen(Number(process.env.PORT), "127.0.0.1");
`;

/** Says why and ends with code 64. */
export const CRASHER = `console.error("cannot go on: no configuration"); process.exit(64);`;

/** Alive, and never healthy. */
export const NEVER_HEALTHY = `
import http from "node:http";
http.createServer((request, response) => response.writeHead(503).end()).listen(Number(process.env.PORT), "127.0.0.1");
`;

/** Takes no notice of SIGTERM. */
export const STUBBORN = `process.on("SIGTERM", () => console.log("no")); setInterval(() => {}, 1000); console.log("ready");`;

/** Starts a child of its own and idles; the child would outlive it. */
export const PARENT = `
import { spawn } from "node:child_process";
const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
console.log("child " + child.pid);
setInterval(() => {}, 1000);
`;

/** Idles; the smallest thing that stays. */
export const IDLER = `process.on("SIGTERM", () => process.exit(0)); setInterval(() => {}, 1000);`;

/** Writes COUNT numbered lines, 20 each millisecond, then "done" again and again. */
export const CHATTY = `
import { writeSync } from "node:fs";
const count = Number(process.env.COUNT);
let next = 0;
const burst = () => {
  for (let i = 0; i < 20 && next < count; i++) writeSync(1, "line " + next++ + " " + "x".repeat(80) + "\\n");
  if (next < count) setTimeout(burst, 1); else setInterval(() => writeSync(1, "done\\n"), 20);
};
burst();
`;
