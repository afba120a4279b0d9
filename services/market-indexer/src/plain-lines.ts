// Log lines for people, where --log-json is false: the same fields, one line each.

const HEAD_FIELDS = new Set(["level", "time", "service", "pid", "at", "message"]);

/** A destination for `createLogger` that turns each JSON line into "time LEVEL at: message key=value …". */
export function createPlainLines(write: (text: string) => void): { write(line: string): void } {
  return { write: (line) => write(`${toPlain(line)}\n`) };
}

function toPlain(line: string): string {
  const fields = JSON.parse(line) as Record<string, unknown>;
  const context = Object.entries(fields)
    .filter(([key]) => !HEAD_FIELDS.has(key))
    .map(([key, value]) => ` ${key}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  const level = String(fields["level"]).toUpperCase().padEnd(5);
  return `${String(fields["time"])} ${level} ${String(fields["at"])}: ${String(fields["message"])}${context.join("")}`;
}
