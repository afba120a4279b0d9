// Asking the operator over HTTP; every answer is checked against the contract.
import { contractErrorSchema } from "@tidegate/contract";
import { describeError, retry } from "@tidegate/kernel";
import * as z from "zod";
import { OperatorRefused, OperatorUnreachable } from "./errors.ts";

export interface OperatorClient {
  readonly url: string;
  readonly get: <T>(path: string, schema: z.ZodType<T>) => Promise<T>;
  readonly send: <T>(
    method: "POST" | "PUT" | "DELETE",
    path: string,
    body: unknown,
    schema: z.ZodType<T>,
  ) => Promise<T>;
  /** The raw answer, for what streams. Throws as the others do when it is refused. */
  readonly open: (path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<Response>;
}

const LIMIT_MS = 60_000;
/** How long an operator that is there may take to open its engine. */
const OPENING_LIMIT_MS = 15_000;

/** Throws OperatorRefused for a refusal, OperatorUnreachable when nobody of ours answers. */
export function createClient(options: { readonly url: string; readonly token: string }): OperatorClient {
  const { url, token } = options;
  const askOnce = async (path: string, init: RequestInit): Promise<Response> => {
    const headers = { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string> | undefined) };
    let response: Response;
    try {
      response = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(LIMIT_MS), ...init, headers });
    } catch (cause) {
      throw new OperatorUnreachable({ url, reason: describeError(cause), cause });
    }
    if (!response.ok) throw await refusal(response, url);
    return response;
  };
  // An operator that has just started listens before its engine is open.
  const ask = async (path: string, init: RequestInit): Promise<Response> =>
    retry(() => askOnce(path, init), {
      attempts: 100,
      baseMs: 200,
      maxMs: 500,
      deadlineMs: OPENING_LIMIT_MS,
      isRetryable: (error) => error instanceof OperatorRefused && error.code === "operator.engine-not-open",
    });
  const read = async <T>(response: Response, schema: z.ZodType<T>): Promise<T> => {
    const parsed = schema.safeParse(await response.json());
    if (parsed.success) return parsed.data;
    throw new OperatorUnreachable({
      url,
      reason: `its answer is not of the contract's form (${z.prettifyError(parsed.error)})`,
    });
  };
  return {
    url,
    get: async (path, schema) => read(await ask(path, {}), schema),
    send: async (method, path, body, schema) => {
      const init = { method, body: JSON.stringify(body ?? {}), headers: { "content-type": "application/json" } };
      return read(await ask(path, init), schema);
    },
    open: async (path, headers, signal) => ask(path, { headers, signal }),
  };
}

async function refusal(response: Response, url: string): Promise<Error> {
  const body = z.object({ error: contractErrorSchema }).safeParse(await response.json().catch(() => undefined));
  if (body.success) return new OperatorRefused({ status: response.status, error: body.data.error });
  return new OperatorUnreachable({
    url,
    reason: `something that is no operator answers there (HTTP ${response.status})`,
  });
}
