// The messages to Vulcan, encoded by hand: OffChainUpdateV1 with an order_place or an order_update in it.
//
// Field numbers and types: the wire schema of dydxprotocol.indexer (off_chain_updates, protocol.v1), proto3: what has its default is not written,
// but for the members of a oneof. Sizes are computed first, so that every length stands before its message in one pass.
import type { IndexerOrder, IndexerOrderId, Uint64 } from "./indexer-order.ts";
import { varint32Size, type WireWriter } from "./wire-writer.ts";

/** ORDER_PLACEMENT_STATUS_OPENED */
const OPENED = 2;

/** Tag of field `number` with a wire type: 0 varint, 2 length-delimited, 5 fixed32. */
const tag = (number: number, wireType: 0 | 2 | 5): number => (number << 3) | wireType;

const ID = { subaccount: tag(1, 2), clientId: tag(2, 5), orderFlags: tag(3, 0), clobPairId: tag(4, 0) };
const SUBACCOUNT = { owner: tag(1, 2), number: tag(2, 0) };
const ORDER = {
  id: tag(1, 2),
  side: tag(2, 0),
  quantums: tag(3, 0),
  subticks: tag(4, 0),
  goodTilBlock: tag(5, 0),
  goodTilBlockTime: tag(6, 5),
  timeInForce: tag(7, 0),
  reduceOnly: tag(8, 0),
  clientMetadata: tag(9, 0),
  conditionType: tag(10, 0),
  triggerSubticks: tag(11, 0),
  builder: tag(12, 2),
  orderRouterAddress: tag(13, 2),
};
const BUILDER = { address: tag(1, 2), feePpm: tag(2, 0) };
const PLACE = { order: tag(1, 2), status: tag(2, 0) };
const UPDATE = { id: tag(1, 2), totalFilled: tag(2, 0) };
const MESSAGE = { place: tag(1, 2), update: tag(3, 2) };

/** Longest that all fields but the texts of one message can be; texts are counted besides. */
const FIXED_PART = 256;

/** IndexerOrderId. Its sha-256 is the record's key. */
export function encodeOrderId(writer: WireWriter, id: IndexerOrderId): Buffer {
  const start = writer.begin(FIXED_PART + id.owner.length * 3);
  writeOrderId(writer, id);
  return writer.end(start);
}

/** OffChainUpdateV1 { order_place { order, placement_status: OPENED } }. `id` as encodeOrderId gave it. */
export function encodePlace(writer: WireWriter, order: IndexerOrder, id: Buffer): Buffer {
  const builderAddress = order.builder === undefined ? 0 : Buffer.byteLength(order.builder.address);
  const router = Buffer.byteLength(order.orderRouterAddress);
  const builder =
    order.builder === undefined ? 0 : textFieldSize(builderAddress) + uint32FieldSize(order.builder.feePpm);
  const orderSize = sizeOfOrder(order, { id: id.length, builder, router });
  const placeSize = 1 + varint32Size(orderSize) + orderSize + 2;
  const start = writer.begin(FIXED_PART + id.length + builderAddress + router);
  writer.byte(MESSAGE.place);
  writer.varint32(placeSize);
  writer.byte(PLACE.order);
  writer.varint32(orderSize);
  writeOrder(writer, order, { id, builder, builderAddress, router });
  writer.byte(PLACE.status);
  writer.byte(OPENED);
  return writer.end(start);
}

/** OffChainUpdateV1 { order_update { order_id, total_filled_quantums } }. */
export function encodeUpdate(writer: WireWriter, totalFilled: Uint64, id: Buffer): Buffer {
  const size = 1 + varint32Size(id.length) + id.length + uint64FieldSize(totalFilled);
  const start = writer.begin(FIXED_PART + id.length);
  writer.byte(MESSAGE.update);
  writer.varint32(size);
  writeBytes(writer, UPDATE.id, id);
  writeUint64(writer, UPDATE.totalFilled, totalFilled);
  return writer.end(start);
}

function sizeOfOrder(
  order: IndexerOrder,
  { id, builder, router }: { readonly id: number; readonly builder: number; readonly router: number },
): number {
  return (
    1 +
    varint32Size(id) +
    id +
    uint32FieldSize(order.side) +
    uint64FieldSize(order.quantums) +
    uint64FieldSize(order.subticks) +
    (order.goodTilBlock === undefined ? 0 : 1 + varint32Size(order.goodTilBlock)) +
    (order.goodTilBlockTime === undefined ? 0 : 5) +
    uint32FieldSize(order.timeInForce) +
    (order.reduceOnly ? 2 : 0) +
    uint32FieldSize(order.clientMetadata) +
    uint32FieldSize(order.conditionType) +
    uint64FieldSize(order.triggerSubticks) +
    (order.builder === undefined ? 0 : 1 + varint32Size(builder) + builder) +
    textFieldSize(router)
  );
}

function writeOrder(
  writer: WireWriter,
  order: IndexerOrder,
  sizes: { readonly id: Buffer; readonly builder: number; readonly builderAddress: number; readonly router: number },
): void {
  writeBytes(writer, ORDER.id, sizes.id);
  writeUint32(writer, ORDER.side, order.side);
  writeUint64(writer, ORDER.quantums, order.quantums);
  writeUint64(writer, ORDER.subticks, order.subticks);
  // Members of a oneof are written also when they are 0.
  if (order.goodTilBlock !== undefined) {
    writer.byte(ORDER.goodTilBlock);
    writer.varint32(order.goodTilBlock);
  }
  if (order.goodTilBlockTime !== undefined) {
    writer.byte(ORDER.goodTilBlockTime);
    writer.fixed32(order.goodTilBlockTime);
  }
  writeUint32(writer, ORDER.timeInForce, order.timeInForce);
  if (order.reduceOnly) {
    writer.byte(ORDER.reduceOnly);
    writer.byte(1);
  }
  writeUint32(writer, ORDER.clientMetadata, order.clientMetadata);
  writeUint32(writer, ORDER.conditionType, order.conditionType);
  writeUint64(writer, ORDER.triggerSubticks, order.triggerSubticks);
  if (order.builder !== undefined) {
    writer.byte(ORDER.builder);
    writer.varint32(sizes.builder);
    writeText(writer, BUILDER.address, order.builder.address, sizes.builderAddress);
    writeUint32(writer, BUILDER.feePpm, order.builder.feePpm);
  }
  writeText(writer, ORDER.orderRouterAddress, order.orderRouterAddress, sizes.router);
}

function writeOrderId(writer: WireWriter, id: IndexerOrderId): void {
  const owner = Buffer.byteLength(id.owner);
  const subaccount = textFieldSize(owner) + uint32FieldSize(id.subaccountNumber);
  writer.byte(ID.subaccount);
  writer.varint32(subaccount);
  writeText(writer, SUBACCOUNT.owner, id.owner, owner);
  writeUint32(writer, SUBACCOUNT.number, id.subaccountNumber);
  if (id.clientId !== 0) {
    writer.byte(ID.clientId);
    writer.fixed32(id.clientId);
  }
  writeUint32(writer, ID.orderFlags, id.orderFlags);
  writeUint32(writer, ID.clobPairId, id.clobPairId);
}

function writeUint32(writer: WireWriter, fieldTag: number, value: number): void {
  if (value === 0) return;
  writer.byte(fieldTag);
  writer.varint32(value);
}

function writeUint64(writer: WireWriter, fieldTag: number, { low, high }: Uint64): void {
  if (low === 0 && high === 0) return;
  writer.byte(fieldTag);
  writer.varint64(low, high);
}

function writeText(writer: WireWriter, fieldTag: number, value: string, size: number): void {
  if (size === 0) return;
  writer.byte(fieldTag);
  writer.varint32(size);
  writer.text(value);
}

function writeBytes(writer: WireWriter, fieldTag: number, bytes: Buffer): void {
  writer.byte(fieldTag);
  writer.varint32(bytes.length);
  writer.copyFrom(bytes);
}

const uint32FieldSize = (value: number): number => (value === 0 ? 0 : 1 + varint32Size(value));

const textFieldSize = (size: number): number => (size === 0 ? 0 : 1 + varint32Size(size) + size);

function uint64FieldSize({ low, high }: Uint64): number {
  if (high === 0) return uint32FieldSize(low);
  // 32 bits of `low` are four groups of seven and the low four of the fifth; `high` goes on from there.
  const rest = high >>> 3;
  return 1 + (rest === 0 ? 5 : 5 + varint32Size(rest));
}
