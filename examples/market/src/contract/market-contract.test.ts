// The contract speaks as the real market does: the same events, and digests of the same typed data.
import { TypedDataEncoder, Interface } from "ethers";
import { hexToBuffer } from "@tidegate/chain";
import { expect, test } from "vitest";
import market from "../../contracts/Market.json" with { type: "json" };
import { REQUEST_TYPES } from "./request-types.fixture.ts";
import { requestDigester } from "./market-abi.ts";

// Topics of real logs on Base.
const TOPICS = {
  RequestSubmitted: "0xc354af001adff0e8c35481c5ce3df3edee370c71572514d281e884c8cb552203",
  RequestLocked: "0xe5e43c93dc0ec595ed3b122bdc6d39a480e9d17fb6812e0f90cfc4ba33b0969e",
  RequestFulfilled: "0x120ea8d7610aa46e4a31b254c5d07489ebe8f1a93dc7bbbe60eaf3db2c62c0cc",
  ProofDelivered: "0xaf1db8f86d3f32029a484ff54c7ac1d7ef8f038ab050fc065af9e82eb9b850ca",
  ProverSlashed: "0x79ca7c80cf57b513ffdf8aa37ec70e40757f5e0d35219241860bb4b4c2fa7616",
  Deposit: "0xe1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c",
  Withdrawal: "0x7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65",
  CollateralDeposit: "0xf645c19720906ca336d36d26058a9489c6c757fe35843b75a74e3b8aa972ecf5",
  CollateralWithdrawal: "0xa315121c7f539fd811176ad2735d5d3981237b261889ec13ae4d617ad06e39bc",
  CallbackFailed: "0x5c5960582bfc7a494183b4e9a66bfe8ecffc07a83a48d136e732400f7b98bf50",
};

test("emits exactly the ten events, with the topics of the real market", () => {
  const topics: Record<string, string> = {};
  new Interface(market.abi).forEachEvent((event) => {
    topics[event.name] = event.topicHash;
  });
  expect(topics).toEqual(TOPICS);
});

test("shares the selectors of submitRequest, lockRequest and slash", () => {
  const contract = new Interface(market.abi);
  const selectors = ["submitRequest", "lockRequest", "slash"].map((name) => contract.getFunction(name)?.selector);
  expect(selectors).toEqual(["0xdf2e6706", "0xeba2ecc8", "0x45bc4d10"]);
});

test("our digest of the golden vector is the real market's", () => {
  const verifyingContract = "0xfd152dadc5183870710fe54f939eae3ab9f0fe82";
  const digestOf = requestDigester(8453n, hexToBuffer(verifyingContract));
  const digest = digestOf({
    id: 0x111111111111111111111111111111111111111100000007n,
    requirements: {
      callback: { addr: Buffer.alloc(20), gasLimit: 0n },
      predicate: { predicateType: 1, data: Buffer.alloc(32, 0x22) },
      selector: Buffer.alloc(4),
    },
    imageUrl: Buffer.from("https://example.com/img"),
    input: { inputType: 0, data: Buffer.from([1]) },
    offer: {
      minPrice: 1n,
      maxPrice: 2n,
      rampUpStart: 1_700_000_000n,
      rampUpPeriod: 60,
      lockTimeout: 600,
      timeout: 1_200,
      lockCollateral: 5n,
    },
  });
  expect(digest.toString("hex")).toBe("0e2bd2b0a7b8a5dcfd11839a5c3bddbd4ceccbd13b159c00d25bfcfbd8df6bfa");
  expect(TypedDataEncoder.from(REQUEST_TYPES).primaryType).toBe("ProofRequest");
});
