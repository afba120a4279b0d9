// A message to Ender, as it comes from the topic.
import * as z from "zod";
import type { FleetEvent } from "../releases/release.ts";

/** More fields than these are left aside: a newer sender may have them. */
const message = z.object({
  id: z.string().min(1).max(200),
  kind: z.enum(["trade", "order"]),
  pair: z.string().regex(/^[A-Z0-9]{1,20}-[A-Z0-9]{1,20}$/),
  amount: z.string().regex(/^\d{1,30}(\.\d{1,30})?$/),
  sentAt: z.iso.datetime(),
});

/** Undefined for what is no such message. */
export function readMessage(value: Buffer | null): FleetEvent | undefined {
  if (value === null) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(value.toString("utf8"));
  } catch {
    return undefined;
  }
  return message.safeParse(json).data;
}
