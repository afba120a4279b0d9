// From plain objects to the ABI encoding of parameters, and to calldata.
import { compileFieldsWriter } from "./compile-writer.ts";
import type { AbiFunction } from "./members.ts";
import { checkFields, type AbiFields, type ValuesOf } from "./types.ts";

/** Compiles an encoder of these parameters; a value that does not fit its type throws AbiEncodeError. */
export function compileEncoder<F extends AbiFields>(fields: F): (values: ValuesOf<F>) => Buffer {
  return encoderAfter(Buffer.alloc(0), fields);
}

/** Compiles an encoder of calls: the selector, then the inputs. */
export function compileCallEncoder<F extends AbiFields>(called: AbiFunction<F>): (inputs: ValuesOf<F>) => Buffer {
  return encoderAfter(called.selector, called.inputs);
}

function encoderAfter<F extends AbiFields>(prefix: Buffer, fields: F): (values: ValuesOf<F>) => Buffer {
  checkFields("parameters", fields);
  const content = compileFieldsWriter(fields, "");
  return (values) => {
    const start = prefix.length;
    const out = Buffer.alloc(start + content.bytes(values));
    prefix.copy(out);
    content.write({ out, tail: start + content.headBytes(values) }, start, values);
    return out;
  };
}
