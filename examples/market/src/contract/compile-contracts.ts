// From contracts/*.sol to contracts/*.json. Runs at build time and in the test that compares; nothing at run time needs solc.
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { TidegateError } from "@tidegate/kernel";
import solc from "solc";
import * as z from "zod";

/** What is kept of a compilation. */
export interface ContractArtifact {
  readonly compiler: string;
  readonly evmVersion: string;
  readonly abi: readonly unknown[];
  /** "0x…", the creation code. */
  readonly bytecode: `0x${string}`;
}

/** Older than anvil's default hardfork, so that an opcode is never missing. */
const EVM_VERSION = "cancun";

const output = z.object({
  errors: z.array(z.object({ severity: z.string(), formattedMessage: z.string() })).optional(),
  contracts: z
    .record(
      z.string(),
      z.record(
        z.string(),
        z.object({ abi: z.array(z.unknown()), evm: z.object({ bytecode: z.object({ object: z.string() }) }) }),
      ),
    )
    .optional(),
});

class CompilationFailed extends TidegateError {
  override readonly name = "CompilationFailed";
  constructor(facts: { file: string; complaints: readonly string[] }) {
    super({
      code: "market.compilation-failed",
      message: `${facts.file} does not compile; no artefact was written. ${facts.complaints.join(" ")}`,
      remedy: "Correct the contract, then run `npm run build -w @tidegate/market-example`.",
      blame: "user",
    });
  }
}

/** Compiles the contract that the file is named for; a warning counts as an error. */
export function compileContract(path: string): ContractArtifact {
  const file = basename(path);
  const name = basename(path, ".sol");
  const input = {
    language: "Solidity",
    sources: { [file]: { content: readFileSync(path, "utf8") } },
    settings: {
      evmVersion: EVM_VERSION,
      // The nested request needs more stack slots than the old pipeline has.
      viaIR: true,
      optimizer: { enabled: true, runs: 200 },
      metadata: { bytecodeHash: "none" },
      outputSelection: { [file]: { [name]: ["abi", "evm.bytecode.object"] } },
    },
  };
  const result = output.parse(JSON.parse(solc.compile(JSON.stringify(input))));
  const compiled = result.contracts?.[file]?.[name];
  const complaints = (result.errors ?? []).filter((one) => one.severity !== "info").map((one) => one.formattedMessage);
  if (compiled === undefined || complaints.length > 0) throw new CompilationFailed({ file, complaints });
  return {
    compiler: solc.version(),
    evmVersion: EVM_VERSION,
    abi: compiled.abi,
    bytecode: `0x${compiled.evm.bytecode.object}`,
  };
}

/** The text of an artefact's file. */
export function formatArtifact(artifact: ContractArtifact): string {
  return `${JSON.stringify(artifact, undefined, 2)}\n`;
}
