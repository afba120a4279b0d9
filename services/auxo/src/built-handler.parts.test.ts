// The handler as it is deployed: from build/ alone, without sources or packages beside it.
import { execFile as execFileWithCallback } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { EVENT, openAwsFleet } from "./testing/open-aws-fleet.ts";

const execFile = promisify(execFileWithCallback);
const SERVICE = fileURLToPath(new URL("..", import.meta.url));

it("upgrades the document's fleet from build/", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tidegate-auxo-"));
  const fleet = await openAwsFleet();
  try {
    await execFile("npm", ["run", "build"], { cwd: SERVICE, timeout: 60_000 });
    cpSync(join(SERVICE, "build"), folder, { recursive: true });
    const program = `
      import { handler } from "./index.js";
      const answer = await handler(${JSON.stringify(EVENT)}, { awsRequestId: "1", getRemainingTimeInMillis: () => 900000 });
      console.log(JSON.stringify(answer));`;
    writeFileSync(join(folder, "invoke.mjs"), program);
    const options = { cwd: folder, timeout: 60_000, env: { ...fleet.env } };
    const { stdout } = await execFile(process.execPath, [join(folder, "invoke.mjs")], options);
    expect(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).toEqual({
      statusCode: 200,
      body: '{"message":"success"}',
    });
    expect(fleet.bazooka.map((one) => one.event)).toEqual([{ migrate: true }]);
    expect(fleet.living("ender")).toBe(1);
  } finally {
    await fleet.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
