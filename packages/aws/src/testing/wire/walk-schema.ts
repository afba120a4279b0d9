// Goes through a value beside its schema: refuses what the model does not have, and turns the leaves.
import { membersOf, memberOf, resolve, type Schema, type Traits } from "./model.ts";

type LeafKind = "string" | "number" | "boolean" | "timestamp" | "document" | "blob";

export interface Leaf {
  readonly kind: LeafKind;
  /** Timestamps: 4 the protocol's default, 5 date-time, 6 HTTP date, 7 epoch seconds. */
  readonly format: number;
  readonly traits: Traits;
}

export interface Walk {
  /** "wire" names are those of the JSON (jsonName), "code" names those of the model. */
  readonly from: "wire" | "code";
  /** What becomes of a leaf; throws a LeafProblem. */
  readonly leaf: (leaf: Leaf, value: unknown) => unknown;
  readonly problems: string[];
}

export class LeafProblem extends Error {}

/** The turned value. What does not fit the schema is told in `walk.problems`, by path. */
export function walkSchema(schema: Schema, value: unknown, path: string, walk: Walk, traits: Traits = {}): unknown {
  if (value === null || value === undefined) {
    walk.problems.push(`${path} is ${String(value)}`);
    return undefined;
  }
  if (typeof schema === "number") return walkNumber(schema, value, path, walk, traits);
  if (typeof schema === "string") return walkStructure([3, "", schema, 0, [], []], value, path, walk);
  const [kind] = schema;
  switch (kind) {
    case 0:
      return walkSchema(resolve(schema[4]), value, path, walk, { ...memberOf(schema).traits, ...traits });
    case 1:
      return walkList(schema[4], value, path, walk);
    case 2:
      return walkMap(schema[5], value, path, walk);
    case 3:
    case -3:
    case 4:
      return walkStructure(schema, value, path, walk);
    default:
      throw new Error(`No kind of schema that is known here: ${String(kind)} at ${path}`);
  }
}

function walkNumber(schema: number, value: unknown, path: string, walk: Walk, traits: Traits): unknown {
  if (schema >= 128) return walkMap(schema & 63, value, path, walk);
  if (schema >= 64) return walkList(schema & 63, value, path, walk);
  try {
    return walk.leaf({ kind: kindOf(schema), format: schema, traits }, value);
  } catch (error) {
    if (!(error instanceof LeafProblem)) throw error;
    walk.problems.push(`${path} ${error.message}`);
    return undefined;
  }
}

function kindOf(schema: number): LeafKind {
  if (schema === 0) return "string";
  if (schema === 1 || schema === 17 || schema === 19) return "number";
  if (schema === 2) return "boolean";
  if (schema >= 4 && schema <= 7) return "timestamp";
  if (schema === 15) return "document";
  if (schema === 21 || schema === 42) return "blob";
  throw new Error(`No simple schema that is known here: ${schema}`);
}

function walkList(member: unknown, value: unknown, path: string, walk: Walk): unknown {
  if (!Array.isArray(value)) {
    walk.problems.push(`${path} is no list`);
    return undefined;
  }
  const { schema, traits } = memberOf(member);
  return value.map((one, index) => walkSchema(schema, one, `${path}[${index}]`, walk, traits));
}

function walkMap(member: unknown, value: unknown, path: string, walk: Walk): unknown {
  if (!isPlain(value)) {
    walk.problems.push(`${path} is no map`);
    return undefined;
  }
  const { schema, traits } = memberOf(member);
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, walkSchema(schema, one, `${path}.${key}`, walk, traits)]),
  );
}

function walkStructure(schema: readonly unknown[], value: unknown, path: string, walk: Walk): unknown {
  if (!isPlain(value)) {
    walk.problems.push(`${path} is no object`);
    return undefined;
  }
  const members = membersOf(schema);
  const wireName = (member: (typeof members)[number]): string => member.traits.jsonName ?? member.name;
  const given = (member: (typeof members)[number]): string => (walk.from === "wire" ? wireName(member) : member.name);
  const known = new Set(members.map(given));
  for (const [name, one] of Object.entries(value))
    if (!known.has(name) && one !== undefined) walk.problems.push(`${path}.${name} is not in the model`);
  const turned: Record<string, unknown> = {};
  for (const member of members) {
    const one = value[given(member)];
    if (one === undefined) {
      if (member.isRequired) walk.problems.push(`${path}.${member.name} is required`);
      continue;
    }
    const name = walk.from === "wire" ? member.name : wireName(member);
    turned[name] = walkSchema(member.schema, one, `${path}.${member.name}`, walk, member.traits);
  }
  if (schema[0] === 4 && Object.keys(turned).length !== 1) walk.problems.push(`${path} must have exactly one member`);
  return turned;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
