// An operation that takes nearly anything and does nothing: valid starts by the thousand.
import { defineOperation, type AnyOperation } from "@tidegate/engine";
import * as z from "zod";

export const wide: AnyOperation = defineOperation({
  name: "wide",
  title: "Take anything, do nothing",
  input: z.strictObject({
    anything: z.json().optional(),
    text: z.string().max(200).optional(),
    count: z.int().min(-1_000_000).max(1_000_000).optional(),
    fraction: z.number().optional(),
    flag: z.boolean().optional(),
    kind: z.enum(["one", "two", "three"]).optional(),
    many: z.record(z.string(), z.union([z.string(), z.number(), z.null()])).optional(),
    list: z.array(z.tuple([z.string(), z.boolean()])).optional(),
    date: z.iso.date().optional(),
  }),
  danger: "destroys",
  observe: async () => ({}),
  plan: ({ kind }: { readonly kind?: string | undefined }) => ({
    target: "nothing",
    summary: "Does nothing.",
    steps: [{ name: "nothing", change: "Nothing", destroys: kind === "three", undo: "Nothing" }],
  }),
  run: async (context, { input }) => context.step("nothing", async () => input),
});
