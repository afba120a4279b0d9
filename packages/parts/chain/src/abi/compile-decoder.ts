// From the ABI encoding of parameters to a plain object.
import { compileFieldsReader } from "./compile-reader.ts";
import { hexToBuffer } from "./hex.ts";
import { checkFields, type AbiFields, type ValuesOf } from "./types.ts";

/**
 * Compiles a decoder of these parameters, from bytes or "0x…" text.
 *
 * Address, bytes and string come as views of the input, not copies. What Solidity's ABI coder v2 refuses is refused with
 * AbiDecodeError (bits outside a type, offsets and lengths outside the data), and fields that share bytes too. Data after the
 * last field and the content of padding are not looked at, as in Solidity.
 */
export function compileDecoder<F extends AbiFields>(fields: F): (data: string | Buffer) => ValuesOf<F> {
  checkFields("parameters", fields);
  const read = compileFieldsReader(fields, "");
  return (data) => {
    const bytes = typeof data === "string" ? hexToBuffer(data, "data") : data;
    return read({ data: bytes, unread: bytes.length }, 0) as ValuesOf<F>;
  };
}
