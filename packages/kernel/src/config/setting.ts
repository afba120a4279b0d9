// One setting: its form, where it may come from, and what it means. A service's settings are its documentation.
import type { z } from "zod";

export interface Setting<T> {
  readonly schema: z.ZodType<T>;
  /** Environment variables that carry it, the first one first. */
  readonly env: readonly string[];
  /** The flag without its dashes; none where a flag would put a secret into the process list. */
  readonly flag?: string;
  readonly describe: string;
  /** Never shown by `config explain` and kept as a Secret by its schema. */
  readonly secret?: boolean;
  /** Known by name but without effect in this version; says what will use it. Setting it brings a warning. */
  readonly inert?: string;
}

// The one place where the value type is forgotten: a record of settings of different types.
// oxlint-disable-next-line typescript/no-explicit-any
export type Settings = Readonly<Record<string, Setting<any>>>;

export type ValuesOf<S extends Settings> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never };

/** Declares a setting; exists so that the value's type is inferred from its schema. */
export function setting<T>(declaration: Setting<T>): Setting<T> {
  return declaration;
}
