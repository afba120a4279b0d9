// The plan in the journal's encoding, as the projection keeps it.
import { encode } from "../journal/codec.ts";

export const encodePlan = (draft: unknown): string => encode(draft, { what: "The plan" });
