// A part that cannot run on this machine: off, by name and with the remedy; everything that does not need it works.

export const OFF_NAMES = ["kafka", "redis"] as const;

export interface OffPart {
  readonly name: (typeof OFF_NAMES)[number];
  readonly reason: string;
  readonly remedy: string;
}
