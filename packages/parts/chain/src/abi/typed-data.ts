// EIP-712: the domain that binds a signature to one contract on one chain, and the digest that is signed.
import { compileStructHash } from "./compile-struct-hash.ts";
import { keccak256 } from "../keccak/keccak256.ts";
import { address, string, struct, uint } from "./types.ts";

export interface TypedDataDomain {
  readonly name: string;
  readonly version: string;
  readonly chainId: bigint;
  /** 20 bytes. */
  readonly verifyingContract: Buffer;
}

const hashDomainStruct = compileStructHash(
  struct("EIP712Domain", { name: string, version: string, chainId: uint(256), verifyingContract: address }),
);

/** The domain separator, 32 bytes, of a domain with these four fields and no salt. */
export function hashDomain(domain: TypedDataDomain): Buffer {
  return hashDomainStruct({
    name: Buffer.from(domain.name, "utf8"),
    version: Buffer.from(domain.version, "utf8"),
    chainId: domain.chainId,
    verifyingContract: domain.verifyingContract,
  });
}

/** The 32 bytes that are signed: Keccak-256 of 0x1901, the domain separator and the hash of the struct. */
export function typedDataDigest(domainSeparator: Buffer, structHash: Buffer): Buffer {
  return keccak256(Buffer.concat([PREFIX, domainSeparator, structHash]));
}

const PREFIX = Buffer.from([0x19, 0x01]);
