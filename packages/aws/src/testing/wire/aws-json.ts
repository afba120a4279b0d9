// awsJson1.1, as ECS and ECR speak it: POST /, the operation in X-Amz-Target, everything in one JSON body.
import { leafFromWire, leafToWire } from "./leaves.ts";
import type { Protocol } from "./protocol.ts";
import { walkSchema } from "./walk-schema.ts";

const CONTENT_TYPE = "application/x-amz-json-1.1";

/** `target`: "AmazonEC2ContainerServiceV20141113". */
export function awsJson(target: string): Protocol {
  return {
    operationOf: (_model, { headers }) => {
      const [service, operation] = (headers["x-amz-target"] ?? "").split(".");
      return service === target ? operation : undefined;
    },
    decode: (model, operation, request) => {
      const problems: string[] = [];
      if (request.method !== "POST" || request.url.pathname !== "/")
        problems.push(`${request.method} ${request.url.pathname} instead of POST /`);
      if (request.headers["content-type"] !== CONTENT_TYPE)
        problems.push(`content-type is ${request.headers["content-type"] ?? "missing"}`);
      const schema = model.operations.get(operation)?.input ?? "unit";
      const body: unknown = JSON.parse(request.body.toString("utf8"));
      const input = walkSchema(schema, body, "input", { from: "wire", leaf: leafFromWire, problems });
      return { input: (input ?? {}) as Record<string, unknown>, problems };
    },
    encode: (model, operation, output) => {
      const problems: string[] = [];
      const schema = model.operations.get(operation)?.output ?? "unit";
      const body = walkSchema(schema, output, "output", { from: "code", leaf: leafToWire, problems });
      return { answer: json(200, body), problems };
    },
    encodeError: ({ name, status, message, members }) => json(status, { __type: name, message, ...members }),
  };
}

function json(status: number, body: unknown) {
  return { status, headers: { "content-type": CONTENT_TYPE }, body: JSON.stringify(body) };
}
