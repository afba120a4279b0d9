// An operation's own fields as flags: `--upgrade-tag v2` for `upgrade_tag`, whatever the field's style of writing.
import { closestName, EXIT, TidegateError } from "@tidegate/kernel";

class FieldUnknown extends TidegateError {
  override readonly name = "FieldUnknown";
  constructor(facts: { readonly flag: string; readonly operation: string; readonly known: readonly string[] }) {
    const close = closestName(facts.flag.replace(/^--/, ""), facts.known.map(flagOf));
    super({
      code: "usage.unknown-field",
      message: `${facts.operation} has no field for ${facts.flag}${close === undefined ? "" : `; did you mean --${close}?`}. Nothing was started.`,
      remedy: `Its fields: ${facts.known.map((name) => `--${flagOf(name)}`).join(", ")}.`,
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

class FieldWithoutValue extends TidegateError {
  override readonly name = "FieldWithoutValue";
  constructor(facts: { readonly flag: string }) {
    super({
      code: "usage.field-without-value",
      message: `${facts.flag} needs a value. Nothing was started.`,
      remedy: `Write ${facts.flag} VALUE or ${facts.flag}=VALUE; only fields that are true or false can stand alone.`,
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

type Schema = Readonly<Record<string, unknown>>;

/** The flags that no option of ours took, as assignments for `--set`: `["--rollback", "ask"]` → `["rollback=ask"]`. Throws FieldUnknown, FieldWithoutValue. */
export function fieldAssignments(rest: readonly string[], operation: string, inputSchema: Schema): readonly string[] {
  const properties = (inputSchema["properties"] ?? {}) as Readonly<Record<string, Schema>>;
  const known = Object.keys(properties);
  const assignments: string[] = [];
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at] ?? "";
    const [flag = "", ...inline] = word.split("=");
    const field = known.find((name) => word.startsWith("--") && bare(name) === bare(flag));
    if (field === undefined) throw new FieldUnknown({ flag, operation, known });
    const next = rest[at + 1];
    if (inline.length > 0) assignments.push(`${field}=${inline.join("=")}`);
    else if (next !== undefined && !next.startsWith("--")) {
      assignments.push(`${field}=${next}`);
      at++;
    } else if (properties[field]?.["type"] === "boolean") assignments.push(`${field}=true`);
    else throw new FieldWithoutValue({ flag });
  }
  return assignments;
}

const bare = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

function flagOf(field: string): string {
  return field
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replaceAll("_", "-")
    .toLowerCase();
}
