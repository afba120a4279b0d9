// Tables in plain text: columns as wide as their widest cell, no borders, so that they survive copy and paste.

/** Lines of a table; the first row is the heading. Cells are padded with spaces, the last column is not. */
export function table(rows: ReadonlyArray<readonly string[]>): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
  }
  return rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}
