// Events and functions: what a contract is called by.
import { AbiTypeInvalid } from "./errors.ts";
import { keccak256 } from "../keccak/keccak256.ts";
import { checkFields, tupleSignature, type AbiFields, type AbiType, type ValueOf } from "./types.ts";

/** A parameter of an event that stands in a topic. */
export interface Indexed<V = unknown> {
  readonly indexed: AbiType<V>;
}

export type EventFields = Readonly<Record<string, AbiType | Indexed>>;

export type EventValues<F extends EventFields> = {
  readonly [K in keyof F]: F[K] extends Indexed<infer V> ? V : ValueOf<F[K]>;
};

export interface AbiEvent<F extends EventFields = EventFields> {
  readonly name: string;
  /** "Deposit(address,uint256)". */
  readonly signature: string;
  /** "0x…", 32 bytes: Keccak-256 of the signature. */
  readonly topic0: `0x${string}`;
  readonly fields: F;
}

export interface AbiFunction<F extends AbiFields = AbiFields> {
  readonly name: string;
  readonly signature: string;
  /** First 4 bytes of the Keccak-256 of the signature. */
  readonly selector: Buffer;
  readonly inputs: F;
}

/** Marks a parameter as indexed. Types longer than a word are refused: their topic is a hash, which does not decode. */
export function indexed<V>(type: AbiType<V>): Indexed<V> {
  if (type.isDynamic || type.shape.kind === "array" || type.shape.kind === "struct") {
    throw new AbiTypeInvalid({ type: type.signature, reason: "stands in a topic as a hash and cannot be decoded" });
  }
  return { indexed: type };
}

/** An event that is not anonymous; at most three parameters are indexed. */
export function event<F extends EventFields>(name: string, fields: F): AbiEvent<F> {
  const types = typesOf(fields);
  checkFields(name, types);
  const topics = Object.values(fields).filter((field) => "indexed" in field).length;
  if (topics > 3) throw new AbiTypeInvalid({ type: name, reason: "has more than three indexed parameters" });
  const signature = name + tupleSignature(types);
  return { name, signature, topic0: `0x${keccak256(signature).toString("hex")}`, fields };
}

/** A function, by its name and inputs. Its outputs are decoded with `compileDecoder`. */
export function func<F extends AbiFields>(name: string, inputs: F): AbiFunction<F> {
  checkFields(name, inputs);
  const signature = name + tupleSignature(inputs);
  return { name, signature, selector: keccak256(signature).subarray(0, 4), inputs };
}

function typesOf(fields: EventFields): AbiFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, "indexed" in field ? field.indexed : field]),
  );
}
