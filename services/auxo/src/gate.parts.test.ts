// The health gate, and when writers come back around it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ECS_DB_WRITER_SERVICE_NAMES, ECS_SERVICE_NAMES } from "./constants.ts";
import { createAwsTests } from "./testing/aws-tests.ts";
import { EVENT } from "./testing/open-aws-fleet.ts";

const { fleet, open, look, countOf, failure } = createAwsTests();

let fleetsDir: string;
let server: Server;
/** What the service under check answers, in order; the last one for ever. */
let answers: Array<{ readonly status: number; readonly lag: number }>;
let asked: number;
/** Tasks of the writers with a process, at each question. */
let writersSeen: number[];

beforeAll(async () => {
  server = createServer((_, response) => {
    const { status, lag } = answers[Math.min(asked, answers.length - 1)] ?? { status: 500, lag: 0 };
    asked += 1;
    writersSeen.push(fleet.living("ender") + fleet.living("roundtable"));
    response.writeHead(status).end(`# TYPE lag_blocks gauge\nlag_blocks ${lag}\n`);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
  fleetsDir = mkdtempSync(join(tmpdir(), "tidegate-fleets-"));
  const services = ECS_SERVICE_NAMES.map(
    (name) => `  ${name}: { writer: ${(ECS_DB_WRITER_SERVICE_NAMES as readonly string[]).includes(name)} }`,
  ).join("\n");
  for (const when of ["at-once", "after-rollout"]) {
    const lines = [`name: ${when}`, "platform: ecs", "services:", services, `restartWriters: ${when}`];
    const gate = [
      "limits: { gateMs: 400, rolloutMs: 60000 }",
      "checks:",
      `  - { url: "${url}", metric: lag_blocks, below: 10 }`,
    ];
    writeFileSync(join(fleetsDir, `${when}.yaml`), `${[...lines, ...gate].join("\n")}\n`);
  }
});
afterAll(async () => {
  server.closeAllConnections();
  await once(server.close(), "close");
  rmSync(fleetsDir, { recursive: true });
});
beforeEach(async () => {
  asked = 0;
  writersSeen = [];
  await open({ env: { AUXO_FLEETS_DIR: fleetsDir } });
});

const event = (fleetName: string, more: Record<string, unknown> = {}) => ({
  ...EVENT,
  fleet: fleetName,
  gate: "checks",
  ...more,
});

describe("the health gate", () => {
  it("waits until the checks hold: the status, and a metric against its threshold", async () => {
    answers = [
      { status: 503, lag: 0 },
      { status: 200, lag: 40 },
      { status: 200, lag: 3 },
    ];
    expect((await fleet.invoke(event("at-once"))).statusCode).toBe(200);
    expect(asked).toBe(3);
    // Writers are back already, by default.
    expect(writersSeen).toEqual([2, 2, 2]);
  });

  it("fails with what did not hold, and leaves the new revisions where no rollback was asked for", async () => {
    answers = [{ status: 200, lag: 40 }];
    const error = await failure(event("at-once"));
    expect(error.message).toMatch(/did not become healthy within 400 ms: lag_blocks is 40, not below 10/);
    expect(error.message).toContain("It was not rolled back.");
    expect((await look("comlink")).taskDefinition).toMatch(/:2$/);
    expect(await countOf("ender")).toBe(1);
  });

  it("rolls back where that was asked for", async () => {
    answers = [{ status: 500, lag: 0 }];
    const error = await failure(event("at-once", { rollback: "on-failure" }));
    expect(error.message).toMatch(/answered 500, not 200.*It was rolled back/s);
    for (const name of ECS_SERVICE_NAMES) expect((await look(name)).taskDefinition).toMatch(/:1$/);
    expect([fleet.living("ender"), fleet.living("roundtable")]).toEqual([1, 1]);
  });

  it("keeps the writers down until the others are through it, where the fleet says so", async () => {
    answers = [
      { status: 503, lag: 0 },
      { status: 200, lag: 0 },
    ];
    expect((await fleet.invoke(event("after-rollout"))).statusCode).toBe(200);
    expect(writersSeen).toEqual([0, 0]);
    expect([fleet.living("ender"), fleet.living("roundtable")]).toEqual([1, 1]);
  });

  it.each(["never", "on-failure"])(
    "and brings them back all the same when it fails (rollback: %s)",
    async (rollback) => {
      answers = [{ status: 503, lag: 0 }];
      const error = await failure(event("after-rollout", { rollback }));
      expect(error.message).toMatch(/answered 503/);
      expect([await countOf("ender"), await countOf("roundtable")]).toEqual([1, 1]);
      expect([fleet.living("ender"), fleet.living("roundtable")]).toEqual([1, 1]);
      expect((await look("ender")).taskDefinition).toMatch(rollback === "never" ? /:2$/ : /:1$/);
    },
  );

  it("counts what lies between the writers' stop and their start, where time is short", async () => {
    answers = [{ status: 200, lag: 0 }];
    // Their end (180 s), Bazooka (30), definitions (2), the others (60), the gate (0.4), their start (300), and calls (10).
    const error = await failure(event("after-rollout"), { remainingMs: 575_000 });
    expect(error.message).toMatch(/may take 582 s\. No writer was stopped/);
    expect((await fleet.invoke(event("at-once"), { remainingMs: 575_000 })).statusCode).toBe(200);
  });

  it("asks nothing where the event does not ask for it", async () => {
    answers = [{ status: 500, lag: 0 }];
    expect((await fleet.invoke({ ...EVENT, fleet: "at-once" })).statusCode).toBe(200);
    expect(asked).toBe(0);
  });
});
