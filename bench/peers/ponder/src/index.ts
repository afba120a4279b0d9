// @ts-nocheck: checked only where the peer is installed.
/* oxlint-disable */
import { ponder } from "ponder:registry";
import * as tables from "ponder:schema";

const place = ({ block, log, transaction }) => ({
  blockNumber: block.number,
  logIndex: log.logIndex,
  txHash: transaction.hash,
  blockTimestamp: block.timestamp,
});
const asked = (event) => ({ ...place(event), requestId: event.log.topics[1] });

ponder.on("Market:RequestSubmitted", async ({ event, context }) => {
  const { request, clientSignature: signature } = event.args;
  const { requirements, imageUrl, input, offer } = request;
  await context.db.insert(tables.submitted).values({
    ...asked(event),
    imageUrl,
    inputType: input.inputType,
    inputData: input.data,
    predicateType: requirements.predicate.predicateType,
    predicateData: requirements.predicate.data,
    callbackAddress: requirements.callback.addr,
    callbackGasLimit: requirements.callback.gasLimit,
    selector: requirements.selector,
    ...offer,
    signature,
  });
});
ponder.on("Market:RequestLocked", async ({ event, context }) => {
  await context.db.insert(tables.locked).values({ ...asked(event), prover: event.args.prover });
});
ponder.on("Market:RequestFulfilled", async ({ event, context }) => {
  const { prover, requestDigest } = event.args;
  await context.db.insert(tables.fulfilled).values({ ...asked(event), prover, requestDigest });
});
ponder.on("Market:ProofDelivered", async ({ event, context }) => {
  const { prover, fulfillment } = event.args;
  const { requestDigest, claimDigest, fulfillmentDataType: dataType, fulfillmentData: data, seal } = fulfillment;
  await context.db
    .insert(tables.delivered)
    .values({ ...asked(event), prover, requestDigest, claimDigest, dataType, data, seal });
});
ponder.on("Market:ProverSlashed", async ({ event, context }) => {
  const { collateralBurned: burned, collateralTransferred: transferred, collateralRecipient: recipient } = event.args;
  await context.db.insert(tables.slashed).values({ ...asked(event), burned, transferred, recipient });
});
ponder.on("Market:CallbackFailed", async ({ event, context }) => {
  const { callback, failure: error } = event.args;
  await context.db.insert(tables.callbackFailed).values({ ...asked(event), callback, error });
});

const transfers = {
  Deposit: tables.deposit,
  Withdrawal: tables.withdrawal,
  CollateralDeposit: tables.collateralDeposit,
  CollateralWithdrawal: tables.collateralWithdrawal,
};
for (const [name, table] of Object.entries(transfers)) {
  ponder.on(`Market:${name}`, async ({ event, context }) => {
    const { account, value } = event.args;
    await context.db.insert(table).values({ ...place(event), account, value });
  });
}
