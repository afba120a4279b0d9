// What can go wrong between bytes and values: data that are not of the type, values that are not, types that cannot be.
import { TidegateError } from "@tidegate/kernel";

/** The data are not an encoding of the type. `path` names the field: "request.offer.minPrice"; items of an array are "[]". */
export class AbiDecodeError extends TidegateError {
  override readonly name = "AbiDecodeError";
  readonly path: string;
  constructor(facts: { path: string; reason: string }) {
    super({
      code: "abi.data-invalid",
      message: `The data do not decode: ${facts.path} ${facts.reason}.`,
      remedy: "Check that the contract is the one whose ABI is used, and compare the data with another RPC endpoint's.",
      details: { path: facts.path, reason: facts.reason },
      blame: "dependency",
    });
    this.path = facts.path;
  }
}

/** A value does not fit its type. Nothing was encoded. */
export class AbiEncodeError extends TidegateError {
  override readonly name = "AbiEncodeError";
  readonly path: string;
  constructor(facts: { path: string; reason: string }) {
    super({
      code: "abi.value-invalid",
      message: `The value does not encode: ${facts.path} ${facts.reason}. Nothing was encoded.`,
      remedy: "Give a value of the declared type.",
      details: { path: facts.path, reason: facts.reason },
    });
    this.path = facts.path;
  }
}

export function notAnObject(path: string): AbiEncodeError {
  return new AbiEncodeError({ path: path === "" ? "the value" : path, reason: "is not an object" });
}

/** A type that Solidity does not have, or that this library leaves out. */
export class AbiTypeInvalid extends TidegateError {
  override readonly name = "AbiTypeInvalid";
  constructor(facts: { type: string; reason: string }) {
    super({
      code: "abi.type-invalid",
      message: `The ABI type ${facts.type} is not possible: it ${facts.reason}.`,
      remedy: "Correct the description of the contract.",
      details: { type: facts.type },
    });
  }
}
