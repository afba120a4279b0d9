// From the body of an answer to the answers of the calls, matched by id. https://www.jsonrpc.org/specification
import type { JsonRpcError } from "./classify-rpc-error.ts";

export type Answer = { readonly result: unknown } | { readonly error: JsonRpcError };

export type ReadAnswers =
  /** One answer per id, in the order of the ids. */
  | { readonly kind: "answers"; readonly answers: readonly Answer[] }
  /** One error for the whole batch. */
  | { readonly kind: "whole"; readonly error: JsonRpcError }
  | { readonly kind: "bad"; readonly reason: string };

/** Reads the answer to a call (one id) or a batch (more); never throws. */
export function readAnswers(text: string, ids: readonly number[]): ReadAnswers {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return bad(`it is not JSON (${text.length} characters)`);
  }
  if (ids.length === 1 && !Array.isArray(body)) return readSingle(body, ids[0]);
  if (!Array.isArray(body)) {
    const error = errorOf(body);
    return error === undefined ? bad("it is not a list, although a batch was sent") : { kind: "whole", error };
  }
  return readBatch(body, ids);
}

function readSingle(body: unknown, id: number | undefined): ReadAnswers {
  // A server that could not read the request does not know its id and says null.
  const answer = answerOf(body);
  if (answer === undefined) return bad("it has neither a result nor an error");
  const given = (body as { id?: unknown }).id;
  const isIdRight = given === id || ("error" in answer && (given === null || given === undefined));
  return isIdRight ? { kind: "answers", answers: [answer] } : bad("its id is not that of the call");
}

function readBatch(body: readonly unknown[], ids: readonly number[]): ReadAnswers {
  const byId = new Map<unknown, Answer>();
  for (const item of body) {
    const answer = answerOf(item);
    if (answer === undefined) return bad("an item has neither a result nor an error");
    const { id } = item as { id?: unknown };
    if (byId.has(id)) return bad(`two items have the id ${JSON.stringify(id)}`);
    byId.set(id, answer);
  }
  const answers = ids.map((id) => byId.get(id)).filter((answer) => answer !== undefined);
  if (answers.length < ids.length) return bad(`${ids.length - answers.length} of ${ids.length} items are missing`);
  return byId.size > ids.length ? bad("it has items that nobody asked for") : { kind: "answers", answers };
}

function answerOf(body: unknown): Answer | undefined {
  const error = errorOf(body);
  if (error !== undefined) return { error };
  return typeof body === "object" && body !== null && "result" in body ? { result: body.result } : undefined;
}

function errorOf(body: unknown): JsonRpcError | undefined {
  if (typeof body !== "object" || body === null || !("error" in body)) return undefined;
  const { error } = body;
  // Some gateways answer {"error": "text"}.
  if (typeof error === "string") return { code: 0, message: error };
  if (typeof error !== "object" || error === null) return undefined;
  const { code, message, data } = error as { code?: unknown; message?: unknown; data?: unknown };
  return {
    code: typeof code === "number" ? code : 0,
    message: typeof message === "string" ? message : "no message",
    ...(data === undefined ? {} : { data }),
  };
}

function bad(reason: string): ReadAnswers {
  return { kind: "bad", reason };
}
