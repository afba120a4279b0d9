// How PostgreSQL is to find the rows of a batch: by their indexes. A batch touches some thousand rows of tables of any size. While these grow from
// nothing there are no statistics yet, and a plan made without them reads a whole table, or compiles a statement for longer than it runs.

/** Of a transaction that stores or undoes a batch. */
export const PLAN_BY_INDEX: Readonly<Record<string, string>> = {
  jit: "off",
  enable_seqscan: "off",
  enable_hashjoin: "off",
  enable_mergejoin: "off",
  enable_bitmapscan: "off",
};
