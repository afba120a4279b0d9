// From what Lambda received to the upgrade that is asked for.
import { readEventFields } from "@tidegate/engine";
import { DOCUMENT_FIELDS, OPTION_FIELDS } from "../constants.ts";
import { EventInvalid } from "../errors.ts";
import { upgradeInput, type UpgradeInput } from "../types.ts";

/** Throws EventInvalid that names every problem. Null stands for a field that is left out. */
export function parseEvent(event: unknown): UpgradeInput {
  const { fields, problems } = readEventFields(event, [...DOCUMENT_FIELDS, ...OPTION_FIELDS]);
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
  const known = Object.fromEntries(Object.entries(given).filter(([name]) => Object.hasOwn(upgradeInput.shape, name)));
  const parsed = upgradeInput.safeParse(known);
  const issues = parsed.success
    ? []
    : parsed.error.issues.map((issue) =>
        known[issue.path.join(".")] === undefined
          ? `${issue.path.join(".")} is missing`
          : `${issue.path.join(".")}: ${issue.message}`,
      );
  if (!parsed.success || problems.length > 0) throw new EventInvalid({ problems: [...problems, ...issues] });
  return parsed.data;
}
