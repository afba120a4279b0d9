// The headers of blocks: time, hash and base fee.
import { getBlocksByNumber, type RpcClient } from "@tidegate/chain";
import type { Clock } from "@tidegate/kernel";
import type { BlockHeader, BlockRange } from "../types.ts";
import { fetchPresent } from "./fetch-present.ts";

export interface FetchHeaders {
  readonly client: RpcClient;
  readonly range: BlockRange;
  readonly numbers: readonly bigint[];
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** By number; throws InconsistentAnswers when one stays unknown. */
export async function fetchHeaders(input: FetchHeaders): Promise<Map<bigint, BlockHeader>> {
  const { client, signal } = input;
  const headers = new Map<bigint, BlockHeader>();
  await fetchPresent<bigint, BlockHeader>({
    ...input,
    what: "blocks",
    keys: input.numbers,
    ask: (numbers) => getBlocksByNumber({ client, numbers, signal }),
    take: (number, header) => headers.set(number, header),
  });
  return headers;
}
