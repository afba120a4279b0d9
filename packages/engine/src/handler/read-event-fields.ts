// From what Lambda received to the fields of its contract: a direct event, or an API Gateway event whose body carries them, base64 or not.
import { closestName } from "@tidegate/kernel";

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

/** An API Gateway body is at most 10 MB; nobody's fields are more than a few hundred bytes. */
const BODY_LIMIT = 65_536;

export interface EventFields {
  readonly fields: Fields;
  /** Each a clause about the event: "its body is no JSON". A field that is neither known nor the envelope's is one: it may be misspelt. */
  readonly problems: readonly string[];
}

/** Never throws; the values are the caller's to check. */
export function readEventFields(event: unknown, known: readonly string[]): EventFields {
  const problems: string[] = [];
  const names = createNames(known);
  const fields = fieldsOf(event, names, problems);
  for (const name of Object.keys(fields)) {
    if (!known.includes(name)) problems.push(names.unknown(name));
  }
  return { fields, problems };
}

/** A value for an error's sentence, cut short; never the contents of an object. */
export function shownValue(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (isObject(value)) return "an object";
  return typeof value === "string" ? JSON.stringify(value.slice(0, 40)) : String(value);
}

function fieldsOf(event: unknown, names: Names, problems: string[]): Fields {
  if (event === undefined || event === null) return {};
  if (!isObject(event)) {
    problems.push(`it is ${shownValue(event)}, not an object`);
    return {};
  }
  if (!isEnvelope(event)) return event;
  const fromBody = parseBody(event, problems);
  // An envelope has many fields of its own, so beside it only what is, or looks like, a known one counts.
  const beside = Object.fromEntries(Object.entries(event).filter(([name]) => names.looksKnown(name)));
  for (const name of Object.keys(beside)) {
    if (name in fromBody && fromBody[name] !== beside[name])
      problems.push(`${name} is ${shownValue(beside[name])} beside the body and ${shownValue(fromBody[name])} in it`);
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
    problems.push(`its body is ${shownValue(body)}, not text`);
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
    problems.push(`its body is ${shownValue(parsed)}, not an object`);
  } catch {
    problems.push("its body is no JSON");
  }
  return {};
}

function isObject(value: unknown): value is Fields {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

interface Names {
  readonly looksKnown: (name: string) => boolean;
  readonly unknown: (name: string) => string;
}

function createNames(known: readonly string[]): Names {
  const bare = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  const byBare = new Map(known.map((name) => [bare(name), name]));
  return {
    looksKnown: (name) => byBare.has(bare(name)),
    unknown: (name) => {
      const close = byBare.get(bare(name)) ?? closestName(name, known);
      return `${JSON.stringify(name.slice(0, 60))} is no field of it${close === undefined ? "" : `; did you mean ${close}?`}`;
    },
  };
}
