// The OpenAPI document as one HTML page, for /docs. No script and nothing from elsewhere: Swagger UI's assets come from a CDN,
// and an installation without internet must be able to read its own documentation.
import type { OpenAPIHono } from "@hono/zod-openapi";
import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";

export type OpenApiDocument = ReturnType<OpenAPIHono["getOpenAPI31Document"]>;
type Html = HtmlEscapedString | Promise<HtmlEscapedString>;
type Operation = NonNullable<NonNullable<OpenApiDocument["paths"]>[string]["get"]>;

/** What is shown of a schema; OpenAPI 3.1 writes "or null" as a list of types. */
interface Shape {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly description?: string;
  readonly default?: unknown;
}

/** The whole page; every text of the document is escaped. */
export async function docsPage(document: OpenApiDocument): Promise<HtmlEscapedString> {
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    item.get === undefined ? [] : [operationSection(path, item.get)],
  );
  const schemas = Object.entries((document.components?.schemas ?? {}) as Readonly<Record<string, Shape>>);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${document.info.title}</title>
        <style>
          body {
            font:
              16px/1.5 system-ui,
              sans-serif;
            max-width: 60rem;
            margin: 2rem auto;
            padding: 0 1rem;
          }
          code {
            font-size: 0.9em;
          }
          h2 {
            margin-top: 2.5rem;
          }
          table {
            border-collapse: collapse;
            width: 100%;
          }
          th,
          td {
            border-bottom: 1px solid #8884;
            padding: 0.25rem 1rem 0.25rem 0;
            text-align: left;
            vertical-align: top;
          }
          @media (prefers-color-scheme: dark) {
            body {
              background: #111;
              color: #ddd;
            }
            a {
              color: #8cf;
            }
          }
        </style>
      </head>
      <body>
        <h1>${document.info.title}</h1>
        <p>${document.info.description}</p>
        <p>The same for machines: <a href="openapi.json">openapi.json</a>, <a href="openapi.yaml">openapi.yaml</a>.</p>
        ${operations} ${schemas.map(([name, shape]) => schemaSection(name, shape))}
      </body>
    </html>`;
}

function operationSection(path: string, operation: Operation): Html {
  const parameters = (operation.parameters ?? []) as ReadonlyArray<{
    name: string;
    in: string;
    schema?: Shape;
    description?: string;
  }>;
  const responses = Object.entries<ResponseShape>(operation.responses ?? {});
  return html`<h2 id="${operation.operationId}"><code>GET ${path}</code></h2>
    <p>${operation.summary}</p>
    ${parameters.length === 0 ? "" : table(["Parameter", "In", "Type", "Meaning"], parameters.map(parameterCells))}
    ${table(
      ["Status", "Body", "Meaning"],
      responses.map(([status, response]) => responseCells(status, response)),
    )}`;
}

interface ResponseShape {
  readonly description: string;
  readonly content?: Readonly<Record<string, { readonly schema?: Shape }>>;
}

function parameterCells(one: { name: string; in: string; schema?: Shape; description?: string }): readonly unknown[] {
  const standard = one.schema?.default === undefined ? "" : ` Default ${JSON.stringify(one.schema.default)}.`;
  return [
    html`<code>${one.name}</code>`,
    one.in,
    typeOf(one.schema),
    `${one.description ?? one.schema?.description ?? ""}${standard}`,
  ];
}

function responseCells(status: string, response: ResponseShape): readonly unknown[] {
  return [status, typeOf(response.content?.["application/json"]?.schema), response.description];
}

function schemaSection(name: string, shape: Shape): Html {
  const rows = Object.entries(shape.properties ?? {}).map(([field, inner]) => [
    html`<code>${field}</code>`,
    typeOf(inner),
    inner.description ?? "",
  ]);
  return html`<h2 id="${name}">${name}</h2>
    ${table(["Field", "Type", "Meaning"], rows)}`;
}

function table(heads: readonly string[], rows: ReadonlyArray<readonly unknown[]>): Html {
  return html`<table>
    <thead>
      <tr>
        ${heads.map((head) => html`<th>${head}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        (cells) =>
          html`<tr>
            ${cells.map((cell) => html`<td>${cell}</td>`)}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function typeOf(shape: Shape | undefined): unknown {
  if (shape === undefined) return "";
  if (shape.$ref !== undefined) {
    const name = shape.$ref.split("/").at(-1) ?? "";
    return html`<a href="#${name}">${name}</a>`;
  }
  if (shape.items !== undefined) return html`array of ${typeOf(shape.items)}`;
  const type = [shape.type ?? []].flat().join(" or ");
  return shape.enum === undefined ? type : `${type}: ${shape.enum.map((value) => JSON.stringify(value)).join(", ")}`;
}
