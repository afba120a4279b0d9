// How values come out of PostgreSQL: exact, and decided per pool so that no other user of `pg` in the process is touched.
import pg from "pg";

const INT8 = 20;
const INT8_ARRAY = 1016;

type Parse = (text: string) => unknown;
type TypesConfig = NonNullable<pg.ClientConfig["types"]>;

/** text[]; pg's type declarations know no array types. */
const TEXT_ARRAY = 1009 as Parameters<typeof pg.types.getTypeParser>[0];


const parseTextArray = pg.types.getTypeParser(TEXT_ARRAY, "text") as (text: string) => Array<string | null>;

const OWN_TEXT_PARSERS: ReadonlyMap<number, Parse> = new Map<number, Parse>([
  [INT8, BigInt],
  [INT8_ARRAY, (text) => parseTextArray(text).map((item) => (item === null ? null : BigInt(item)))],
]);

/** int8 → bigint, int8[] → bigint[]; numeric stays its decimal string, bytea a Buffer, timestamptz a Date, as pg has it. */
export const typeParsers: TypesConfig = {
  getTypeParser: ((oid: number, format?: "text" | "binary") => {
    const own = format === "binary" ? undefined : OWN_TEXT_PARSERS.get(oid);
    return own ?? pg.types.getTypeParser(oid, format === "binary" ? "binary" : "text");
  }) as TypesConfig["getTypeParser"],
};
