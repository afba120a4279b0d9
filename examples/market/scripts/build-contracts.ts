// `npm run build -w @tidegate/market-example`: compiles contracts/*.sol and writes the artefacts beside them.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compileContract, formatArtifact } from "../src/contract/compile-contracts.ts";

for (const name of ["Market", "RejectingCallback"]) {
  const source = fileURLToPath(new URL(`../contracts/${name}.sol`, import.meta.url));
  writeFileSync(source.replace(/\.sol$/, ".json"), formatArtifact(compileContract(source)));
}
