// The ten event tables: what the events themselves say. Decorators are applied by hand, so that nothing is compiled.
/* oxlint-disable */
require("reflect-metadata");
const { Entity, Column, PrimaryColumn } = require("typeorm");

const big = { to: (value) => value?.toString(), from: (value) => (value == null ? value : BigInt(value)) };
const text = { type: "text" };
const integer = { type: "int4" };
const numeric = { type: "numeric", transformer: big };

const place = { blockNumber: { type: "int8" }, logIndex: integer, txHash: text, blockTimestamp: { type: "int8" } };
const asked = { ...place, requestId: text };
const proven = { ...asked, prover: text };
const carried = {
  ...asked,
  imageUrl: text,
  inputType: integer,
  inputData: text,
  predicateType: integer,
  predicateData: text,
  callbackAddress: text,
  callbackGasLimit: numeric,
  selector: text,
  minPrice: numeric,
  maxPrice: numeric,
  rampUpStart: numeric,
  rampUpPeriod: { type: "int8" },
  lockTimeout: { type: "int8" },
  timeout: { type: "int8" },
  lockCollateral: numeric,
  signature: text,
};
const transfer = { ...place, account: text, value: numeric };

function table(name, columns) {
  const model = class {
    constructor(values) {
      Object.assign(this, values);
    }
  };
  // typeorm-store keeps entities by the name of their class.
  Object.defineProperty(model, "name", { value: name });
  PrimaryColumn(text)(model.prototype, "id");
  for (const [column, options] of Object.entries(columns)) {
    const snake = column.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    Column({ ...options, name: snake })(model.prototype, column);
  }
  Entity(name)(model);
  return model;
}

module.exports = {
  submitted: table("submitted", carried),
  locked: table("locked", proven),
  fulfilled: table("fulfilled", { ...proven, requestDigest: text }),
  delivered: table("delivered", {
    ...proven,
    requestDigest: text,
    claimDigest: text,
    dataType: integer,
    data: text,
    seal: text,
  }),
  slashed: table("slashed", { ...asked, burned: numeric, transferred: numeric, recipient: text }),
  callback_failed: table("callback_failed", { ...asked, callback: text, error: text }),
  deposit: table("deposit", transfer),
  withdrawal: table("withdrawal", transfer),
  collateral_deposit: table("collateral_deposit", transfer),
  collateral_withdrawal: table("collateral_withdrawal", transfer),
};
