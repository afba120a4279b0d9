// How values come out of PostgreSQL: exact, and decided per pool so that no other user of `pg` in the process is touched.
import { types, type ClientConfig } from "pg";

type Parse = (text: string) => unknown;
type TypesConfig = NonNullable<ClientConfig["types"]>;

/** pg's own parsers; its type declarations know no array types and no extensions. */
const pgParser = types.getTypeParser as (oid: number, format: "text" | "binary") => Parse;

const INT8 = 20;
const INT8_ARRAY = 1016;
const TEXT_ARRAY = 1009;

const parseTextArray = pgParser(TEXT_ARRAY, "text") as (text: string) => Array<string | null>;

const OWN_TEXT_PARSERS: ReadonlyMap<number, Parse> = new Map<number, Parse>([
  [INT8, BigInt],
  [INT8_ARRAY, (text) => parseTextArray(text).map((item) => (item === null ? null : BigInt(item)))],
]);

/** int8 → bigint, int8[] → bigint[]; numeric stays its decimal string, bytea a Buffer, timestamptz a Date, as pg has it. */
export const typeParsers: TypesConfig = {
  getTypeParser: ((oid: number, format: "text" | "binary" = "text") => {
    const own = format === "text" ? OWN_TEXT_PARSERS.get(oid) : undefined;
    return own ?? pgParser(oid, format);
  }) as TypesConfig["getTypeParser"],
};
