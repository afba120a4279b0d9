// restJson1, as Lambda speaks it: the operation in method and path, members in path, query, headers and body.
import { leafFromWire, leafToWire } from "./leaves.ts";
import { membersOf, type Member, type ServiceModel } from "./model.ts";
import type { Decoded, Encoded, Protocol, WireRequest } from "./protocol.ts";
import { walkSchema, type Walk } from "./walk-schema.ts";

/** The protocol of a service whose operations carry an HTTP binding. */
export function restJson(): Protocol {
  return {
    operationOf: (model, request) => findOperation(model, request)?.operation,
    decode,
    encode,
    encodeError: ({ name, status, message, members }) => ({
      status,
      headers: { "content-type": "application/json", "x-amzn-errortype": name },
      body: JSON.stringify({ message, ...members }),
    }),
  };
}

function findOperation(model: ServiceModel, request: WireRequest) {
  for (const [operation, { traits }] of model.operations) {
    const [method, template] = traits.http ?? [];
    if (method !== request.method || template === undefined) continue;
    const labels = matchPath(template, request.url);
    if (labels !== undefined) return { operation, labels };
  }
  return undefined;
}

/** `/functions/{FunctionName}`, or with a query of its own: `/layers?find=LayerVersion`. */
function matchPath(template: string, url: URL): Record<string, string> | undefined {
  const [path = "", query] = template.split("?");
  for (const [name, value] of new URLSearchParams(query)) if (url.searchParams.get(name) !== value) return undefined;
  const wanted = path.split("/");
  const given = url.pathname.split("/");
  if (wanted.length !== given.length) return undefined;
  const labels: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const label = /^\{(\w+)\+?\}$/.exec(part)?.[1];
    const value = given[index] ?? "";
    if (label === undefined && part !== value) return undefined;
    if (label !== undefined) labels[label] = decodeURIComponent(value);
  }
  return labels;
}

function decode(model: ServiceModel, operation: string, request: WireRequest): Decoded {
  const problems: string[] = [];
  const walk: Walk = { from: "wire", leaf: leafFromWire, problems };
  const members = membersOf(model.operations.get(operation)?.input ?? "unit");
  const labels = findOperation(model, request)?.labels ?? {};
  const input: Record<string, unknown> = {};
  const inBody = members.filter((member) => !isBound(member));
  const payload = members.find((member) => member.traits.httpPayload === 1);
  for (const member of members) {
    const text = boundText(member, labels, request);
    if (text !== undefined)
      input[member.name] = walkSchema(member.schema, fromText(member, text), `input.${member.name}`, walk);
    else if (member.isRequired && isBound(member)) problems.push(`input.${member.name} is required`);
  }
  const fixed = new URLSearchParams(model.operations.get(operation)?.traits.http?.[1].split("?")[1]);
  for (const name of request.url.searchParams.keys())
    if (!fixed.has(name) && !members.some((member) => member.traits.httpQuery === name))
      problems.push(`query ${name} is not in the model`);
  if (payload !== undefined) input[payload.name] = request.body;
  else if (request.body.length > 0) {
    const names = inBody.map((member) => member.name);
    const schemas = inBody.map((member) => [member.schema, member.traits]);
    const required = inBody.filter((member) => member.isRequired).length;
    const body: unknown = JSON.parse(request.body.toString("utf8"));
    Object.assign(input, walkSchema([3, "", operation, 0, names, schemas, required], body, "input", walk));
  } else for (const member of inBody) if (member.isRequired) problems.push(`input.${member.name} is required`);
  return { input, problems };
}

function isBound({ traits }: Member): boolean {
  return (
    traits.httpLabel === 1 ||
    traits.httpHeader !== undefined ||
    traits.httpQuery !== undefined ||
    traits.httpPayload === 1 ||
    traits.httpResponseCode === 1
  );
}

function boundText(member: Member, labels: Record<string, string>, request: WireRequest): string | undefined {
  if (member.traits.httpLabel === 1) return labels[member.name];
  if (member.traits.httpHeader !== undefined) return request.headers[member.traits.httpHeader.toLowerCase()];
  if (member.traits.httpQuery !== undefined) return request.url.searchParams.get(member.traits.httpQuery) ?? undefined;
  return undefined;
}

function fromText(member: Member, text: string): unknown {
  if (member.schema === 1) return Number(text);
  return member.schema === 2 ? text === "true" : text;
}

function encode(model: ServiceModel, operation: string, output: unknown): Encoded {
  const problems: string[] = [];
  const found = model.operations.get(operation);
  const schema = found?.output ?? "unit";
  const turned = (walkSchema(schema, output, "output", { from: "code", leaf: leafToWire, problems }) ?? {}) as Record<
    string,
    unknown
  >;
  const headers: Record<string, string> = { "content-type": "application/json" };
  const body: Record<string, unknown> = {};
  let status = found?.traits.http?.[2] ?? 200;
  let payload: Uint8Array | string | undefined;
  for (const member of membersOf(schema)) {
    const name = member.traits.jsonName ?? member.name;
    const value = turned[name];
    if (member.traits.httpPayload === 1) {
      // A blob travels as it is, not as base64.
      payload = ((output as Record<string, unknown>)[member.name] as Uint8Array | undefined) ?? "";
    } else if (value === undefined) continue;
    else if (member.traits.httpResponseCode === 1) status = Number(value);
    else if (member.traits.httpHeader === undefined) body[name] = value;
    else headers[member.traits.httpHeader.toLowerCase()] = typeof value === "string" ? value : JSON.stringify(value);
  }
  return { answer: { status, headers, body: payload ?? JSON.stringify(body) }, problems };
}
