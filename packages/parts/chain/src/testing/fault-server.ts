// A JSON-RPC server over HTTP that fails on demand, in the ways that real endpoints do.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What happens to one HTTP request. */
export type Fault =
  /** Answers properly, but later. */
  | { readonly kind: "late"; readonly ms: number }
  /** Never answers. */
  | { readonly kind: "hang" }
  /** Resets the connection without an answer. */
  | { readonly kind: "reset" }
  /** Announces the whole body, sends half of it and closes. */
  | { readonly kind: "truncated" }
  /** Sends half of the JSON as if it were all. */
  | { readonly kind: "half-json" }
  | {
      readonly kind: "status";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** A page of a proxy, with status 200. */
  | { readonly kind: "html" }
  /** A proper answer with so many spaces after it. */
  | { readonly kind: "huge"; readonly bytes: number }
  /** A proper answer whose items are changed. */
  | { readonly kind: "distorted"; readonly how: Distortion }
  /** One JSON-RPC error for the whole body, with id null. */
  | { readonly kind: "error"; readonly error: RpcErrorBody; readonly status?: number };

type Distortion = "wrong-ids" | "duplicate-ids" | "missing-item" | "extra-item" | "reordered" | "no-result";

export interface RpcErrorBody {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** Thrown by a method to answer with a JSON-RPC error. */
export class MethodError extends Error {
  readonly body: RpcErrorBody;
  constructor(body: RpcErrorBody) {
    super(body.message);
    this.body = body;
  }
}

export interface FaultServerOptions {
  readonly methods: Readonly<Record<string, (params: readonly unknown[]) => unknown>>;
  /** A fault that depends on the request, tried after the queue. */
  readonly faultOf?: (calls: readonly ReceivedCall[], request: IncomingMessage) => Fault | undefined;
}

export interface ReceivedCall {
  readonly id: unknown;
  readonly method: string;
  readonly params: readonly unknown[];
}

export interface FaultServer {
  readonly url: string;
  /** The calls of each HTTP request so far. */
  readonly requests: readonly (readonly ReceivedCall[])[];
  /** The greatest number of HTTP requests that were open at once. */
  readonly maxInFlight: number;
  /** The next requests meet these faults, one each. */
  failNext(...faults: readonly Fault[]): void;
  /** Every request meets this fault, until undefined is given. */
  failAlways(fault: Fault | undefined): void;
  close(): Promise<void>;
}

interface Answer {
  readonly jsonrpc: "2.0";
  readonly id: unknown;
  readonly result?: unknown;
  readonly error?: RpcErrorBody;
}

/** Listens on a free port of 127.0.0.1. */
export async function startFaultServer(options: FaultServerOptions): Promise<FaultServer> {
  const requests: (readonly ReceivedCall[])[] = [];
  const queue: Fault[] = [];
  const hanging = new Set<NodeJS.Timeout>();
  let always: Fault | undefined;
  let inFlight = 0;
  let maxInFlight = 0;
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    maxInFlight = Math.max(maxInFlight, ++inFlight);
    response.once("close", () => inFlight--);
    const calls = await readCalls(request);
    requests.push(calls);
    const fault = queue.shift() ?? always ?? options.faultOf?.(calls, request);
    if (fault?.kind === "late") {
      const timer = setTimeout(() => respond(response, calls, undefined, options), fault.ms);
      hanging.add(timer);
    } else respond(response, calls, fault, options);
  };
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get maxInFlight() {
      return maxInFlight;
    },
    failNext: (...faults) => void queue.push(...faults),
    failAlways: (fault) => void (always = fault),
    close: async () => {
      for (const timer of hanging) clearTimeout(timer);
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function readCalls(request: IncomingMessage): Promise<readonly ReceivedCall[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = JSON.parse(Buffer.concat(chunks).toString("utf8")) as ReceivedCall | ReceivedCall[];
  return Array.isArray(body) ? body : [body];
}

function respond(
  response: ServerResponse,
  calls: readonly ReceivedCall[],
  fault: Fault | undefined,
  { methods }: FaultServerOptions,
): void {
  const answers = (): Answer[] => calls.map((call) => answerOf(call, methods));
  switch (fault?.kind) {
    case "hang":
      return;
    case "reset":
      response.socket?.resetAndDestroy();
      return;
    case "truncated": {
      const text = bodyOf(answers());
      response.writeHead(200, { "content-length": text.length });
      response.write(text.slice(0, text.length / 2), () => response.destroy());
      return;
    }
    case "half-json": {
      const text = bodyOf(answers());
      return send(response, 200, text.slice(0, text.length / 2));
    }
    case "status":
      response.writeHead(fault.status, fault.headers ?? {}).end(fault.body ?? "");
      return;
    case "html":
      return send(response, 200, "<html><body><h1>502 Bad Gateway</h1></body></html>");
    case "huge":
      return send(response, 200, bodyOf(answers()) + " ".repeat(fault.bytes));
    case "error":
      return send(response, fault.status ?? 200, JSON.stringify({ jsonrpc: "2.0", id: null, error: fault.error }));
    case undefined:
    case "late":
      return send(response, 200, bodyOf(answers()));
    case "distorted":
      return send(response, 200, bodyOf(distort(answers(), fault.how)));
  }
}

function answerOf({ id, method, params }: ReceivedCall, methods: FaultServerOptions["methods"]): Answer {
  const run = methods[method];
  if (run === undefined) return { jsonrpc: "2.0", id, error: { code: -32601, message: "Method not found" } };
  try {
    return { jsonrpc: "2.0", id, result: run(params) };
  } catch (error) {
    if (!(error instanceof MethodError)) throw error;
    return { jsonrpc: "2.0", id, error: error.body };
  }
}

function distort(answers: readonly Answer[], how: Distortion): Answer[] {
  switch (how) {
    case "wrong-ids":
      return answers.map((answer) => ({ ...answer, id: Number(answer.id) + 1_000_000 }));
    case "duplicate-ids":
      return [...answers, ...answers.slice(0, 1)];
    case "missing-item":
      return answers.slice(1);
    case "extra-item":
      return [...answers, { jsonrpc: "2.0", id: 999_999_999, result: null }];
    case "reordered":
      return answers.toReversed();
    case "no-result":
      return answers.map(({ jsonrpc, id }) => ({ jsonrpc, id }));
  }
}

/** A list for a batch, and for a single call unless a distortion made it something else. */
function bodyOf(answers: readonly Answer[]): string {
  return JSON.stringify(answers.length === 1 ? answers[0] : answers);
}

function send(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "application/json" }).end(text);
}
