// Generated events as callers get them wrong, and right: types, casing, unknown fields, envelopes, nested bodies; and an independent reading of them.
import { seededRandom, type Random } from "@tidegate/kernel";

const FLAGS = [
  "migrate",
  "rollback",
  "clear_db",
  "reset_db",
  "create_kafka_topics",
  "clear_kafka_topics",
  "clear_redis",
  "send_stateful_orders_to_vulcan",
  "force",
];
export const BREAKING = ["rollback", "clear_db", "reset_db", "clear_kafka_topics", "clear_redis"];

export function randomEvents(seed: number, count: number): readonly unknown[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => shape(random, fields(random)));
}

type Fields = Record<string, unknown>;

const VALUES = [true, true, true, false, "true", "false", "TRUE", 1, 0, null, {}, [], "yes", [true], { value: true }];

function fields(random: Random): Fields {
  const names = FLAGS.filter(() => random.integer(0, 2) === 0);
  const event: Fields = Object.fromEntries(names.map((name) => [name, oftenTrue(random)]));
  if (random.integer(0, 5) === 0) event[misspelt(random)] = true;
  if (random.integer(0, 9) === 0)
    event[random.pick(["dryRun", "__proto__x", "constructor", "foo", "body"])] = random.pick(VALUES);
  return event;
}

const oftenTrue = (random: Random): unknown =>
  random.integer(0, 5) > 0 ? random.integer(0, 3) > 0 : random.pick(VALUES);

function misspelt(random: Random): string {
  const name = random.pick(FLAGS);
  return random.pick([
    name.toUpperCase(),
    name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
    name.replaceAll("_", "-"),
    ` ${name}`,
    `${name}s`,
  ]);
}

function shape(random: Random, event: Fields): unknown {
  const text = JSON.stringify(event);
  switch (random.integer(0, 9)) {
    case 0:
      return { httpMethod: "POST", headers: { host: "x" }, body: text, isBase64Encoded: false };
    case 1:
      return { requestContext: {}, rawPath: "/", body: Buffer.from(text).toString("base64"), isBase64Encoded: true };
    case 2:
      return { body: text };
    case 3:
      return { requestContext: {}, ...event, body: JSON.stringify(fields(random)) };
    case 4:
      return { body: JSON.stringify({ body: text }) };
    case 5:
      return random.pick([
        { body: text.slice(1) },
        { body: "[]" },
        { body: 7 },
        [event],
        text,
        { body: text, isBase64Encoded: true },
      ]);
    default:
      return event;
  }
}

/** What the event says, read the plain way: each flag exactly `true`, at the top or in the one body. */
export function saysTrue(event: unknown, flag: string): boolean {
  if (event === null || typeof event !== "object") return false;
  const given = event as Fields;
  const text = typeof given["body"] === "string" ? given["body"] : "";
  let body: unknown;
  try {
    body = JSON.parse(given["isBase64Encoded"] === true ? Buffer.from(text, "base64").toString() : text);
  } catch {
    body = undefined;
  }
  const inBody = body !== null && typeof body === "object" && (body as Fields)[flag] === true;
  return inBody || given[flag] === true;
}
