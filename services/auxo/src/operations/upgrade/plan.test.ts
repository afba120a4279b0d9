import { expect, it } from "vitest";
import { parseEvent } from "../../event/parse-event.ts";
import { DEFAULT_FLEET } from "../../fleet/fleet-schema.ts";
import type { FleetObservation, MigratorFacts, ServiceFacts } from "../../types.ts";
import { planUpgrade } from "./plan.ts";

const IMAGE = (name: string, digit: string): string => `1.dkr.ecr.r.amazonaws.com/${name}@sha256:${digit.repeat(64)}`;

function service(name: string, facts: Partial<ServiceFacts> = {}): ServiceFacts {
  const isWriter = ["ender", "roundtable"].includes(name);
  return {
    name,
    isWriter,
    release: "old",
    revision: `arn:aws:ecs:r:1:task-definition/${name}:7`,
    image: IMAGE(name, "a"),
    restartAt: isWriter ? 1 : null,
    counts: { desired: 1, running: 1, pending: 0 },
    target: { release: "new", image: IMAGE(name, "b") },
    changes: [{ path: "image", before: '"a"', after: '"b"' }],
    notes: [],
    passedRoles: ["arn:aws:iam::1:role/task"],
    ...facts,
  };
}

const MIGRATOR: MigratorFacts = {
  function: "bazooka_lambda_function",
  image: IMAGE("bazooka", "a"),
  targetImage: IMAGE("bazooka", "b"),
  timeoutMs: 300_000,
  forecast: { target: "database db/x", pendingMigrations: ["3_add.js"], irreversible: ["3_add.js"], topics: [] },
};

const SERVICES = ["comlink", "ender", "roundtable"].map((name) => service(name));
const observe = (facts: Partial<FleetObservation> = {}): FleetObservation => ({
  fleet: "indexer",
  target: "dev4-indexer-apne1",
  services: SERVICES,
  migrator: MIGRATOR,
  ...facts,
});
const plan = (facts: Partial<FleetObservation> = {}, event: Record<string, unknown> = {}) =>
  planUpgrade(parseEvent({ upgrade_tag: "new", ...event }), observe(facts), DEFAULT_FLEET);
const names = (...args: Parameters<typeof plan>): readonly string[] => plan(...args).steps.map((step) => step.name);

it("keeps the document's order of effects", () => {
  expect(names()).toEqual([
    "update-bazooka",
    "stop-writers",
    "migrate",
    "register-comlink",
    "roll-comlink",
    "register-ender",
    "roll-ender",
    "register-roundtable",
    "roll-roundtable",
    "restart-writers",
  ]);
});

it("shows old and new digest, the definition's differences, migrations, what cannot be undone, roles and the pause", () => {
  const { steps, notes } = plan();
  const text = [...steps.map((step) => step.change), ...(notes ?? [])].join("\n");
  expect(text).toContain("comlink@sha256:aaaaaaaaaaaa → comlink@sha256:bbbbbbbbbbbb");
  expect(text).toContain('image: "a" → "b"');
  expect(text).toContain("migrates database db/x: 3_add.js");
  expect(text).toContain("Cannot be undone, as they have no way down: 3_add.js.");
  expect(text).toContain("iam:PassRole on arn:aws:iam::1:role/task");
  expect(text).toContain("at most 180 s, 300 s and 300 s");
  expect(steps.find((step) => step.name === "migrate")?.undo).toBeNull();
});

it("migrates also when only the new image can say what, and says so", () => {
  const migrate = plan({ migrator: { ...MIGRATOR, forecast: null } }).steps.find((step) => step.name === "migrate");
  expect(migrate?.change).toContain("which these are, it says when it is there");
});

it("stops no writer when nothing is pending and no writer changes", () => {
  const forecast = { target: "x", pendingMigrations: [], irreversible: [], topics: [] };
  const still = { ...MIGRATOR, image: MIGRATOR.targetImage, forecast };
  const unchanged = SERVICES.map((one) => ({ ...one, changes: one.name === "comlink" ? one.changes : [] }));
  expect(names({ migrator: still, services: unchanged })).toEqual(["register-comlink", "roll-comlink"]);
  const nothing = SERVICES.map((one) => ({ ...one, changes: [] }));
  expect(plan({ migrator: still, services: nothing })).toMatchObject({
    steps: [],
    summary: "dev4-indexer-apne1 is at new already.",
  });
});

it("only migrates when that is asked for, and stops and starts the writers all the same", () => {
  const services = SERVICES.map((one) => ({ ...one, target: null, changes: [] }));
  expect(names({ services }, { onlyRunDbMigrationAndCreateKafkaTopics: true })).toEqual([
    "update-bazooka",
    "stop-writers",
    "migrate",
    "restart-writers",
  ]);
});

it("starts a writer that an earlier upgrade left at 0, also when nothing else is to do", () => {
  const forecast = { target: "x", pendingMigrations: [], irreversible: [], topics: [] };
  const services = SERVICES.map((one) => ({
    ...one,
    changes: [],
    counts: one.name === "ender" ? { desired: 0, running: 0, pending: 0 } : one.counts,
  }));
  const draft = plan({ services, migrator: { ...MIGRATOR, image: MIGRATOR.targetImage, forecast } });
  expect(draft.steps.map((step) => step.name)).toEqual(["restart-writers"]);
  expect(draft.steps[0]?.change).toContain("ender at 1");
});

it("lists topics that are missing or too small, and leaves the others out", () => {
  const topics = [
    { name: "to-ender", present: 1, wanted: 1 },
    { name: "to-vulcan", present: 150, wanted: 210 },
    { name: "new", present: null, wanted: 3 },
  ];
  const forecast = { target: "x", pendingMigrations: [], irreversible: [], topics };
  const draft = plan({ migrator: { ...MIGRATOR, forecast } }, { addNewKafkaTopics: true });
  expect(draft.steps.find((step) => step.name === "migrate")?.change).toContain(
    "creates topics or partitions: to-vulcan (150 → 210), new (none → 3)",
  );
});
