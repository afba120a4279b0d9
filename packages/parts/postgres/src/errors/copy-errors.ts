// Values and rows that cannot be written in the binary COPY format. All of them are found before anything is sent.
import { TidegateError } from "@tidegate/kernel";

/** A value does not fit its type; nothing was sent. */
export class CopyValueInvalid extends TidegateError {
  override readonly name = "CopyValueInvalid";
  constructor(facts: { type: string; value: string; allowed: string; row: number }) {
    super({
      code: "postgres.copy-value-invalid",
      message: `${facts.value} cannot be written as ${facts.type} in row ${facts.row}: ${facts.allowed}. Nothing was sent.`,
      remedy: "Clear the encoder and encode the rows again with a value that fits, or widen the column.",
      details: { ...facts },
    });
  }
}

/** startRow(n) was not followed by n values; nothing was sent. */
export class CopyRowIncomplete extends TidegateError {
  override readonly name = "CopyRowIncomplete";
  constructor(facts: { row: number; missing: number }) {
    const difference =
      facts.missing > 0 ? `lacks ${facts.missing} of the values` : `has ${-facts.missing} values more than`;
    super({
      code: "postgres.copy-row-incomplete",
      message: `Row ${facts.row} ${difference} that startRow announced. Nothing was sent.`,
      remedy: "Write exactly as many values, null() among them, as startRow was told.",
      details: { ...facts },
    });
  }
}
