// @ts-nocheck: checked only where the peer is installed.
/* oxlint-disable */
// The ten event tables: what the events themselves say, keyed as the indexer's are.
import { onchainTable, primaryKey } from "ponder";

const eventTable = (name, columns) =>
  onchainTable(
    name,
    (t) => ({
      blockNumber: t.bigint().notNull(),
      logIndex: t.integer().notNull(),
      txHash: t.hex().notNull(),
      blockTimestamp: t.bigint().notNull(),
      ...columns(t),
    }),
    (table) => ({ pk: primaryKey({ columns: [table.blockNumber, table.logIndex] }) }),
  );

const transferTable = (name) => eventTable(name, (t) => ({ account: t.hex().notNull(), value: t.bigint().notNull() }));
const asked = (t) => ({ requestId: t.hex().notNull() });
const proven = (t) => ({ ...asked(t), prover: t.hex().notNull() });

export const submitted = eventTable("submitted", (t) => ({
  ...asked(t),
  imageUrl: t.text().notNull(),
  inputType: t.integer().notNull(),
  inputData: t.hex().notNull(),
  predicateType: t.integer().notNull(),
  predicateData: t.hex().notNull(),
  callbackAddress: t.hex().notNull(),
  callbackGasLimit: t.bigint().notNull(),
  selector: t.hex().notNull(),
  minPrice: t.bigint().notNull(),
  maxPrice: t.bigint().notNull(),
  rampUpStart: t.bigint().notNull(),
  rampUpPeriod: t.integer().notNull(),
  lockTimeout: t.integer().notNull(),
  timeout: t.integer().notNull(),
  lockCollateral: t.bigint().notNull(),
  signature: t.hex().notNull(),
}));
export const locked = eventTable("locked", proven);
export const fulfilled = eventTable("fulfilled", (t) => ({ ...proven(t), requestDigest: t.hex().notNull() }));
export const delivered = eventTable("delivered", (t) => ({
  ...proven(t),
  requestDigest: t.hex().notNull(),
  claimDigest: t.hex().notNull(),
  dataType: t.integer().notNull(),
  data: t.hex().notNull(),
  seal: t.hex().notNull(),
}));
export const slashed = eventTable("slashed", (t) => ({
  ...asked(t),
  burned: t.bigint().notNull(),
  transferred: t.bigint().notNull(),
  recipient: t.hex().notNull(),
}));
export const callbackFailed = eventTable("callback_failed", (t) => ({
  ...asked(t),
  callback: t.hex().notNull(),
  error: t.hex().notNull(),
}));
export const deposit = transferTable("deposit");
export const withdrawal = transferTable("withdrawal");
export const collateralDeposit = transferTable("collateral_deposit");
export const collateralWithdrawal = transferTable("collateral_withdrawal");
