// The description of the API: complete, sound in itself, the same in all three forms, and readable without the internet.
import { Secret } from "@tidegate/kernel";
import { createPool } from "@tidegate/postgres";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { createMarketApi } from "./create-market-api.ts";
import { requestSchema } from "./schemas.ts";

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly parameters?: ReadonlyArray<{ name: string; in: string; required?: boolean; schema?: object }>;
  readonly responses: Readonly<Record<string, { description?: string; content?: Record<string, { schema?: object }> }>>;
}
interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, { properties?: object; required?: readonly string[] }>>;
  };
}

// Never connected: no route of this test asks the database.
const pool = createPool({ url: new Secret("postgres://nobody@127.0.0.1:1/none"), applicationName: "test" });
const app = createMarketApi({ pool });
afterAll(async () => pool.end());

const text = async (path: string): Promise<string> => (await app.request(path)).text();
const document = JSON.parse(await text("/openapi.json")) as Document;
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
);

describe("the OpenAPI document", () => {
  it("names the endpoints that exist", () => {
    expect(document.openapi).toBe("3.1.0");
    expect(operations.map((one) => `${one.method} ${one.path}`).toSorted()).toEqual([
      "get /health",
      "get /v1/market",
      "get /v1/market/requests",
      "get /v1/market/requests/{id}",
    ]);
    expect(new Set(operations.map((one) => one.operation.operationId)).size).toBe(operations.length);
  });

  it.each(operations)(
    "describes $method $path: summary, parameters of its path, a body for each status",
    ({ path, operation }) => {
      expect(operation.summary).toBeTruthy();
      const inPath = (operation.parameters ?? []).filter((one) => one.in === "path");
      expect(inPath.map((one) => `{${one.name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
      expect(inPath.every((one) => one.required === true)).toBe(true);
      expect((operation.parameters ?? []).every((one) => one.schema !== undefined)).toBe(true);
      expect(Object.keys(operation.responses)).toContain("200");
      for (const [status, response] of Object.entries(operation.responses)) {
        expect(status).toMatch(/^[2-5]\d\d$/);
        expect(response.description).toBeTruthy();
        expect(response.content?.["application/json"]?.schema).toBeDefined();
      }
    },
  );

  it("has the list's parameters with their bounds", () => {
    expect(document.paths["/v1/market/requests"]?.["get"]?.parameters).toMatchObject([
      { name: "cursor", in: "query", required: false, schema: { type: "string" } },
      {
        name: "limit",
        in: "query",
        required: false,
        schema: { type: "integer", minimum: 1, maximum: 500, default: 50 },
      },
      { name: "sort_by", in: "query", schema: { enum: ["created_at", "updated_at"], default: "created_at" } },
    ]);
  });

  it("has no reference that leads nowhere", () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(0);
    expect(JSON.stringify(document).match(/"\$ref"/g)).toHaveLength(references.length);
    for (const [, name] of references) expect(Object.keys(document.components.schemas)).toContain(name);
  });

  it("lists every field of a request, all always there", () => {
    const fields = Object.keys(requestSchema.shape);
    expect(Object.keys(document.components.schemas["Request"]?.properties ?? {})).toEqual(fields);
    expect(document.components.schemas["Request"]?.required).toEqual(fields);
  });

  it("says the same in YAML", async () => {
    const response = await app.request("/openapi.yaml");
    expect(response.headers.get("content-type")).toBe("application/x-yaml");
    expect(parse(await response.text())).toEqual(document);
  });
});

describe("/docs", () => {
  it("shows every endpoint, parameter and field, and loads nothing", async () => {
    const response = await app.request("/docs");
    const page = await response.text();
    expect(response.headers.get("content-type")).toContain("text/html");
    for (const { path } of operations) expect(page).toContain(`<code>GET ${path}</code>`);
    const names = [...Object.keys(requestSchema.shape), "cursor", "limit", "sort_by"];
    for (const name of names) expect(page).toContain(`<code>${name}</code>`);
    expect(page).not.toMatch(/<script|<link|<img|src=|@import|https?:\/\//);
    expect(page).not.toContain("[object");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
  });
});
