/** A field of a parsed message; undefined when the message has none of that name, or is no object. */
export function fieldOf(message: unknown, key: string): unknown {
  if (typeof message !== "object" || message === null || !Object.hasOwn(message, key)) return undefined;
  return Reflect.get(message, key);
}

/** A field that is a text. */
export function textOf(message: unknown, key: string): string | undefined {
  const field = fieldOf(message, key);
  return typeof field === "string" ? field : undefined;
}

/** The number of a call; some servers turn it into a text. */
export function idOf(field: unknown): number | undefined {
  const id = typeof field === "string" && /^\d{1,15}$/.test(field) ? Number(field) : field;
  return Number.isSafeInteger(id) ? (id as number) : undefined;
}

/** Whether a message answers a call that nobody made: its id is a text that no call had. */
export function isForeign(message: unknown): boolean {
  const id = fieldOf(message, "id");
  return typeof id === "string" && idOf(id) === undefined;
}
