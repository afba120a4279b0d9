// What came over HTTP, checked against a route's schemas.
import type { Context } from "hono";
import { validateInput } from "@tidegate/engine";
import { BodyRefused } from "./errors.ts";
import type { AnyRoute } from "./route.ts";

const MOST_BYTES = 1_048_576;

export async function readBody(c: Context, route: AnyRoute): Promise<unknown> {
  if (route.body === undefined) return undefined;
  const text = await readText(c);
  let raw: unknown = {};
  if (text !== "") {
    const type = c.req.header("content-type") ?? "";
    if (!/^application\/json\b/i.test(type)) {
      throw new BodyRefused({
        status: 415,
        problem: `its type is ${type === "" ? "not given" : type}`,
        remedy: "Send JSON, with `Content-Type: application/json`.",
      });
    }
    try {
      raw = JSON.parse(text);
    } catch (error) {
      throw new BodyRefused({
        status: 400,
        problem: `it is no JSON (${(error as Error).message})`,
        remedy: "Correct it and send it again.",
      });
    }
  }
  return validateInput({ name: "the request", input: route.body }, raw);
}

/** A field that is given twice is refused by its schema, being a list. */
export function readQuery(c: Context, route: AnyRoute): unknown {
  if (route.query === undefined) return {};
  const given = Object.entries(c.req.queries()).map(([name, values]) => [
    name,
    values.length === 1 ? values[0] : values,
  ]);
  return validateInput({ name: "the query", input: route.query }, Object.fromEntries(given));
}

async function readText(c: Context): Promise<string> {
  const tooLarge = (): BodyRefused =>
    new BodyRefused({ status: 413, problem: `it is larger than ${MOST_BYTES} bytes`, remedy: "Send less." });
  if (Number(c.req.header("content-length") ?? 0) > MOST_BYTES) throw tooLarge();
  const { body } = c.req.raw;
  if (body === null) return "";
  const parts: Uint8Array[] = [];
  let bytes = 0;
  // Web streams are iterable in Node; their declared type does not say so.
  for await (const part of body as unknown as AsyncIterable<Uint8Array>) {
    bytes += part.byteLength;
    if (bytes > MOST_BYTES) throw tooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
