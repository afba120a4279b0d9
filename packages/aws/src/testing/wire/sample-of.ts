// A value with every member that a schema has, for tests that must not forget one.
import { memberOf, membersOf, resolve, type Schema } from "./model.ts";

/** Lists and maps have one item; a recursive schema ends where it comes back to itself. */
export function sampleOf(schema: Schema, inside: readonly unknown[] = []): unknown {
  if (inside.includes(schema) && Array.isArray(schema)) return undefined;
  if (typeof schema === "number") return sampleOfNumber(schema, inside);
  if (typeof schema === "string") return {};
  const deeper = [...inside, schema];
  switch (schema[0]) {
    case 0:
      return sampleOf(resolve(schema[4]), deeper);
    case 1:
      return [sampleOf(memberOf(schema[4]).schema, deeper)];
    case 2:
      return { key: sampleOf(memberOf(schema[5]).schema, deeper) };
    default: {
      const members = membersOf(schema).map(({ name, schema: member }) => [name, namedSample(name, member, deeper)]);
      return Object.fromEntries(schema[0] === 4 ? members.slice(0, 1) : members);
    }
  }
}

/** A text says which member it is the value of. */
function namedSample(name: string, schema: Schema, inside: readonly unknown[]): unknown {
  return schema === 0 ? name : sampleOf(schema, inside);
}

function sampleOfNumber(schema: number, inside: readonly unknown[]): unknown {
  if (schema >= 128) return { key: sampleOf(schema & 63, inside) };
  if (schema >= 64) return [sampleOf(schema & 63, inside)];
  if (schema === 0) return "text";
  if (schema === 2) return true;
  if (schema >= 4 && schema <= 7) return new Date(1_700_000_000_000);
  return schema === 21 || schema === 42 ? Buffer.from("blob") : 7;
}
