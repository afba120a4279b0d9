// The model of a service as the SDK's client carries it: operations, their inputs and outputs, errors.

/**
 * The SDK's schemas are nested arrays. Simple ones are numbers: 0 string, 1 number, 2 boolean, 4–7 timestamp, 15 document,
 * 21 and 42 blob; 64 + x list of x, 128 + x map of x. Others begin with their kind, namespace, name, traits:
 * [0, …, target] · [1, …, member] list · [2, …, key, value] map · [3, …, names, members, required] structure (the required ones
 * come first) · [4, as 3] union · [-3, as 3] error · [9, …, input, output] operation. A member is a schema, or [schema, traits].
 */
export type Schema = number | string | readonly unknown[];

export interface Traits {
  readonly httpLabel?: 1;
  readonly httpPayload?: 1;
  readonly httpResponseCode?: 1;
  readonly httpHeader?: string;
  readonly httpPrefixHeaders?: string;
  readonly httpQuery?: string;
  readonly httpQueryParams?: 1;
  readonly httpError?: number;
  readonly error?: "client" | "server";
  readonly jsonName?: string;
  /** Method, path, status. */
  readonly http?: readonly [string, string, number];
}

export interface Member {
  readonly name: string;
  readonly schema: Schema;
  readonly traits: Traits;
  readonly isRequired: boolean;
}

interface OperationModel {
  readonly name: string;
  readonly traits: Traits;
  readonly input: Schema;
  readonly output: Schema;
}

interface ErrorModel {
  readonly name: string;
  /** HTTP status: the model's own, else 400 for the caller's errors and 500 for the server's. */
  readonly status: number;
  readonly members: readonly Member[];
}

export interface ServiceModel {
  readonly operations: ReadonlyMap<string, OperationModel>;
  readonly errors: ReadonlyMap<string, ErrorModel>;
}

const BITS = [
  "httpLabel",
  "idempotent",
  "idempotencyToken",
  "sensitive",
  "httpPayload",
  "httpResponseCode",
  "httpQueryParams",
];

/** Reads the schemas out of a client's module: `import * as sdk from "@aws-sdk/client-ecs"`. */
export function modelOf(sdk: Readonly<Record<string, unknown>>): ServiceModel {
  const operations = new Map<string, OperationModel>();
  const errors = new Map<string, ErrorModel>();
  for (const [exported, value] of Object.entries(sdk)) {
    if (!exported.endsWith("$") || !Array.isArray(value)) continue;
    const schema = value as readonly unknown[];
    const name = String(schema[2]);
    if (schema[0] === 9)
      operations.set(name, {
        name,
        traits: traitsOf(schema[3]),
        input: resolve(schema[4]),
        output: resolve(schema[5]),
      });
    if (schema[0] === -3) {
      const traits = traitsOf(schema[3]);
      const status = traits.httpError ?? (traits.error === "server" ? 500 : 400);
      errors.set(name, { name, status, members: membersOf(schema) });
    }
  }
  return { operations, errors };
}

/** The members of a structure, a union or an error; none for "unit". */
export function membersOf(schema: Schema): readonly Member[] {
  if (!Array.isArray(schema)) return [];
  const [, , , , names, members, required] = schema as [
    unknown,
    unknown,
    unknown,
    unknown,
    string[],
    unknown[],
    number?,
  ];
  return names.map((name, index) => ({ name, ...memberOf(members[index]), isRequired: index < (required ?? 0) }));
}

/** A member's schema with the traits of both. */
export function memberOf(member: unknown): { readonly schema: Schema; readonly traits: Traits } {
  const isPair = Array.isArray(member) && member.length === 2;
  const schema = resolve(isPair ? member[0] : member);
  const own = Array.isArray(schema) ? traitsOf(schema[3]) : {};
  return { schema, traits: { ...own, ...(isPair ? traitsOf(member[1]) : {}) } };
}

/** Schemas refer to each other by functions. */
export function resolve(schema: unknown): Schema {
  const found: unknown = typeof schema === "function" ? (schema as () => unknown)() : schema;
  if (typeof found === "number" || typeof found === "string" || Array.isArray(found)) return found as Schema;
  throw new Error(`No schema of the SDK that is known here: ${String(found)}`);
}

function traitsOf(traits: unknown): Traits {
  if (typeof traits === "object" && traits !== null) return traits;
  const bits = Number(traits);
  return Object.fromEntries(BITS.filter((_, index) => ((bits >> index) & 1) === 1).map((name) => [name, 1]));
}
