// Single values between JSON and code: timestamps, blobs, and the checks of the plain ones.
import { LeafProblem, type Leaf } from "./walk-schema.ts";

/** From JSON to code: a Date, a Uint8Array. A timestamp without a format is in epoch seconds, as in both JSON protocols. */
export function leafFromWire({ kind, format }: Leaf, value: unknown): unknown {
  switch (kind) {
    case "string":
    case "number":
    case "boolean":
      return must(typeof value === kind, `is no ${kind}`, value);
    case "timestamp":
      if (format === 5 || format === 6) return new Date(String(must(typeof value === "string", "is no date", value)));
      return new Date(Number(must(typeof value === "number", "is no time in seconds", value)) * 1_000);
    case "blob":
      return Buffer.from(String(must(typeof value === "string", "is no base64", value)), "base64");
    case "document":
      return value;
  }
}

/** From code to JSON. */
export function leafToWire({ kind, format }: Leaf, value: unknown): unknown {
  switch (kind) {
    case "string":
    case "number":
    case "boolean":
      return must(typeof value === kind, `is no ${kind}`, value);
    case "timestamp": {
      if (!(value instanceof Date)) throw new LeafProblem("is no Date");
      if (format === 5) return value.toISOString();
      return format === 6 ? value.toUTCString() : value.getTime() / 1_000;
    }
    case "blob":
      if (!(value instanceof Uint8Array)) throw new LeafProblem("is no Uint8Array");
      return Buffer.from(value).toString("base64");
    case "document":
      return value;
  }
}

function must(isRight: boolean, problem: string, value: unknown): unknown {
  if (!isRight) throw new LeafProblem(problem);
  return value;
}
