// From what Lambda received to the nine flags: a direct event, or an API Gateway event whose body carries them, base64 or not.
import { closestName } from "@tidegate/kernel";
import { FLAGS } from "../constants.ts";
import { EventInvalid } from "../errors.ts";
import { bazookaInput, type BazookaInput } from "../types.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What tells API Gateway's events (REST, payload formats 1.0 and 2.0; a function URL's too) from direct ones. */
const ENVELOPE_FIELDS = [
  "requestContext",
  "httpMethod",
  "headers",
  "isBase64Encoded",
  "resource",
  "rawPath",
  "routeKey",
];

/** An API Gateway body is at most 10 MB; nobody's flags are more than a few hundred bytes. */
const BODY_LIMIT = 65_536;

/** Throws EventInvalid that names every problem. A field that is neither a flag nor the envelope's is refused: it may be a flag misspelt. */
export function parseEvent(event: unknown): BazookaInput {
  const problems: string[] = [];
  const fields = flagFields(event, problems);
  for (const [name, value] of Object.entries(fields)) {
    if (!isFlag(name)) problems.push(unknownField(name));
    else if (typeof value !== "boolean") problems.push(`${name} is ${shown(value)}, not true or false`);
  }
  if (problems.length > 0) throw new EventInvalid({ problems });
  return bazookaInput.parse(fields);
}

function flagFields(event: unknown, problems: string[]): Fields {
  if (event === undefined || event === null) return {};
  if (!isObject(event)) {
    problems.push(`it is ${shown(event)}, not an object`);
    return {};
  }
  if (!isEnvelope(event)) return event;
  const fromBody = parseBody(event, problems);
  // An envelope has many fields of its own, so beside it only what is, or looks like, a flag counts.
  const beside = Object.fromEntries(Object.entries(event).filter(([name]) => looksLikeFlag(name)));
  for (const name of Object.keys(beside)) {
    if (name in fromBody && fromBody[name] !== beside[name])
      problems.push(`${name} is ${shown(beside[name])} beside the body and ${shown(fromBody[name])} in it`);
  }
  return { ...beside, ...fromBody };
}

function isEnvelope(event: Fields): boolean {
  return Object.hasOwn(event, "body") || ENVELOPE_FIELDS.some((name) => Object.hasOwn(event, name));
}

function parseBody(event: Fields, problems: string[]): Fields {
  const { body } = event;
  if (body === undefined || body === null || body === "") return {};
  if (isObject(body)) return body;
  if (typeof body !== "string") {
    problems.push(`its body is ${shown(body)}, not text`);
    return {};
  }
  if (body.length > BODY_LIMIT) {
    problems.push(`its body is longer than ${BODY_LIMIT} characters`);
    return {};
  }
  const text = event["isBase64Encoded"] === true ? Buffer.from(body, "base64").toString("utf8") : body;
  try {
    const parsed: unknown = JSON.parse(text);
    if (isObject(parsed)) return parsed;
    problems.push(`its body is ${shown(parsed)}, not an object`);
  } catch {
    problems.push("its body is no JSON");
  }
  return {};
}

function isObject(value: unknown): value is Fields {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

const isFlag = (name: string): boolean => (FLAGS as readonly string[]).includes(name);

const bare = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
const BARE_FLAGS = new Map(FLAGS.map((name) => [bare(name), name]));

const looksLikeFlag = (name: string): boolean => BARE_FLAGS.has(bare(name));

function unknownField(name: string): string {
  const close = BARE_FLAGS.get(bare(name)) ?? closestName(name, FLAGS);
  return `${JSON.stringify(name.slice(0, 60))} is no field of it${close === undefined ? "" : `; did you mean ${close}?`}`;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (isObject(value)) return "an object";
  return typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : String(value);
}
