// `{ "observe": { …flags } }`: what an event would do, asked before it is sent. Ours beside the document's events; changes nothing.

/** The event that is asked about; undefined for an event that is meant. Only a direct event with this one field is a question. */
export function questionOf(event: unknown): { readonly about: unknown } | undefined {
  if (event === null || typeof event !== "object" || Array.isArray(event)) return undefined;
  const [name, ...more] = Object.keys(event);
  if (name !== "observe" || more.length > 0) return undefined;
  return { about: (event as { readonly observe: unknown }).observe };
}
