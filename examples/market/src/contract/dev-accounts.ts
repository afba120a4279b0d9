// anvil's ten unlocked accounts, of the mnemonic "test test … junk", and what each of them does here.
import type { Hex } from "@tidegate/chain";

const ACCOUNTS: readonly Hex[] = [
  "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266",
  "0x70997970c51812dc3a010c7d01b50e0d17dc79c8",
  "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc",
  "0x90f79bf6eb2c4f870365e785982e1f101e93b906",
  "0x15d34aaf54267db7d7c367839aaf71a00a2c6a65",
  "0x9965507d1a55bcc2695c58ba16fb37d819b0a4dc",
  "0x976ea74026e726554db657fa54763abd0c3a0aa9",
  "0x14dc79964da2c08b23698b3d3cc7ca32193d9955",
  "0x23618e81e3f5cdf7f54c3d65f7fbc0abf5b21e8f",
  "0xa0ee7a142d267c1f36714e4a8f75612f20a79720",
];

/** Deploys the contracts and sends nothing else, so that their addresses are known. */
export const DEPLOYER = account(0);
export const CLIENTS: readonly Hex[] = ACCOUNTS.slice(1, 5);
export const PROVERS: readonly Hex[] = ACCOUNTS.slice(5, 9);
/**
 * The last prover takes only requests whose price does not move, so that its balance in the market is known to the wei before a
 * transaction is mined: it alone can withdraw "all", and the ledger still says how much that is.
 */
export const EXACT_PROVER = account(8);
/** Slashes, and holds nothing. */
export const WATCHER = account(9);

function account(index: number): Hex {
  const address = ACCOUNTS[index];
  if (address === undefined) throw new RangeError(`anvil has no account ${index}`);
  return address;
}
