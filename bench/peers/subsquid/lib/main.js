/* oxlint-disable */
const { EvmBatchProcessor } = require("@subsquid/evm-processor");
const { TypeormDatabase } = require("@subsquid/typeorm-store");
const { createOrmConfig } = require("@subsquid/typeorm-config");
const { event, indexed } = require("@subsquid/evm-abi");
const p = require("@subsquid/evm-codec");
const { DataSource } = require("typeorm");
const models = require("./model");

const topics = JSON.parse(process.env.TOPICS);
const { RPC_URL, MARKET, START_BLOCK, END_BLOCK } = process.env;

const request = p.struct({
  id: p.uint256,
  requirements: p.struct({
    callback: p.struct({ addr: p.address, gasLimit: p.uint96 }),
    predicate: p.struct({ predicateType: p.uint8, data: p.bytes }),
    selector: p.bytes4,
  }),
  imageUrl: p.string,
  input: p.struct({ inputType: p.uint8, data: p.bytes }),
  offer: p.struct({
    minPrice: p.uint256,
    maxPrice: p.uint256,
    rampUpStart: p.uint64,
    rampUpPeriod: p.uint32,
    lockTimeout: p.uint32,
    timeout: p.uint32,
    lockCollateral: p.uint256,
  }),
});
const fulfillment = p.struct({
  id: p.uint256,
  requestDigest: p.bytes32,
  claimDigest: p.bytes32,
  fulfillmentDataType: p.uint8,
  fulfillmentData: p.bytes,
  seal: p.bytes,
});
const id = { requestId: indexed(p.uint256) };
const transfer = { account: indexed(p.address), value: p.uint256 };

const place = (block, log) => ({
  id: log.id,
  blockNumber: block.header.height,
  logIndex: log.logIndex,
  txHash: log.transactionHash,
  blockTimestamp: Math.floor(block.header.timestamp / 1000),
});
const asked = (block, log) => ({ ...place(block, log), requestId: log.topics[1] });
const moved = (block, log, { account, value }) => ({ ...place(block, log), account, value });

const carried = (block, log, { request: { requirements, imageUrl, input, offer }, clientSignature }) => ({
  ...asked(block, log),
  imageUrl,
  inputType: input.inputType,
  inputData: input.data,
  predicateType: requirements.predicate.predicateType,
  predicateData: requirements.predicate.data,
  callbackAddress: requirements.callback.addr,
  callbackGasLimit: requirements.callback.gasLimit,
  selector: requirements.selector,
  ...offer,
  signature: clientSignature,
});

/** By name: fields, table, and the row of a decoded event. */
const kinds = {
  RequestSubmitted: [{ ...id, request, clientSignature: p.bytes }, "submitted", carried],
  RequestLocked: [
    { ...id, prover: p.address, request, clientSignature: p.bytes },
    "locked",
    (block, log, { prover }) => ({ ...asked(block, log), prover }),
  ],
  RequestFulfilled: [
    { ...id, prover: indexed(p.address), requestDigest: p.bytes32 },
    "fulfilled",
    (block, log, { prover, requestDigest }) => ({ ...asked(block, log), prover, requestDigest }),
  ],
  ProofDelivered: [
    { ...id, prover: indexed(p.address), fulfillment },
    "delivered",
    (block, log, { prover, fulfillment: it }) => ({
      ...asked(block, log),
      prover,
      requestDigest: it.requestDigest,
      claimDigest: it.claimDigest,
      dataType: it.fulfillmentDataType,
      data: it.fulfillmentData,
      seal: it.seal,
    }),
  ],
  ProverSlashed: [
    { ...id, collateralBurned: p.uint256, collateralTransferred: p.uint256, collateralRecipient: p.address },
    "slashed",
    (block, log, it) => ({
      ...asked(block, log),
      burned: it.collateralBurned,
      transferred: it.collateralTransferred,
      recipient: it.collateralRecipient,
    }),
  ],
  CallbackFailed: [
    { ...id, callback: p.address, error: p.bytes },
    "callback_failed",
    (block, log, { callback, error }) => ({ ...asked(block, log), callback, error }),
  ],
  Deposit: [transfer, "deposit", moved],
  Withdrawal: [transfer, "withdrawal", moved],
  CollateralDeposit: [transfer, "collateral_deposit", moved],
  CollateralWithdrawal: [transfer, "collateral_withdrawal", moved],
};

const byTopic = new Map(
  Object.entries(kinds).map(([name, [fields, table, row]]) => [
    topics[name],
    { decoder: event(topics[name], name, fields), table, row },
  ]),
);

const processor = new EvmBatchProcessor()
  .setRpcEndpoint({ url: RPC_URL, capacity: 10, maxBatchCallSize: 100 })
  .setFinalityConfirmation(1)
  .setFields({ log: { transactionHash: true, topics: true, data: true } })
  .addLog({
    address: [MARKET],
    topic0: [...byTopic.keys()],
    range: { from: Number(START_BLOCK), to: Number(END_BLOCK) },
  });

async function main() {
  const source = new DataSource({ ...createOrmConfig({ projectDir: process.cwd() }), synchronize: true });
  await source.initialize();
  await source.destroy();
  processor.run(
    new TypeormDatabase({ supportHotBlocks: true, projectDir: process.cwd() }),
    async ({ blocks, store }) => {
      const rows = Object.fromEntries(Object.keys(models).map((table) => [table, []]));
      for (const block of blocks) {
        for (const log of block.logs) {
          const { decoder, table, row } = byTopic.get(log.topics[0]);
          rows[table].push(new models[table](row(block, log, decoder.decode(log))));
        }
      }
      for (const list of Object.values(rows)) await store.insert(list);
    },
  );
}

main();
