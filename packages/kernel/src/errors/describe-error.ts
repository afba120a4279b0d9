// One line, or a few, for a person: the message and the messages of its causes.

/** The message of an error followed by those of its causes, joined by ": "; an AggregateError gives its parts. */
export function describeError(thrown: unknown): string {
  const parts: string[] = [];
  let current: unknown = thrown;
  for (let depth = 0; depth < 10 && current !== undefined && current !== null; depth++) {
    parts.push(messageOf(current));
    current = current instanceof Error ? current.cause : undefined;
  }
  return parts.filter((part, index) => part !== "" && part !== parts[index - 1]).join(": ");
}

function messageOf(thrown: unknown): string {
  if (thrown instanceof AggregateError) {
    const inner = thrown.errors.map(messageOf).join("; ");
    return thrown.message === "" ? inner : `${thrown.message} (${inner})`;
  }
  if (thrown instanceof Error) return thrown.message === "" ? thrown.name : thrown.message;
  return String(thrown);
}
