// Rows of the first Markdown table of a document, by column heading.

export function tableRows(markdown: string): ReadonlyArray<Readonly<Record<string, string>>> {
  const lines = markdown.split("\n");
  const start = lines.findIndex((line) => line.startsWith("|"));
  const table = lines.slice(start).filter((line, index, all) => line.startsWith("|") && all.slice(0, index).every((one) => one.startsWith("|")));
  const headings = cells(table[0] ?? "");
  return table.slice(2).map((line) => Object.fromEntries(cells(line).map((cell, column) => [headings[column] ?? `column ${column}`, cell])));
}

function cells(line: string): string[] {
  return line
    .slice(1, line.lastIndexOf("|"))
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
}
