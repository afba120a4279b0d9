// What the bench measures and compares with.
export { loadConfig } from "../config.ts";
export { migrateToLatest } from "../migrations/run-migrations.ts";
export { clearOneTopic, markTopics, withAdmin } from "../operations/prepare/steps/change-topics.ts";
export { encodeOrderId, encodePlace, encodeUpdate } from "../orders/encode-order.ts";
export type { IndexerOrder } from "../orders/indexer-order.ts";
export type { OrderRow } from "../orders/order-row.ts";
export { readMarkets, selectOrders } from "../orders/select-orders.ts";
export { toIndexerOrder, totalFilledQuantums } from "../orders/to-indexer-order.ts";
export { createToRecord, type ToRecord } from "../orders/to-record.ts";
export { serveStretches } from "../orders/worker/serve-stretches.ts";
export { WireWriter } from "../orders/wire-writer.ts";
export { referenceTypes } from "../orders/testing/reference-encoder.ts";
