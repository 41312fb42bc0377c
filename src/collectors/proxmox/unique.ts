/** The first item of each key, in order: a list that names a thing twice must not name its series twice. */
export function uniqueBy<T>(items: readonly T[], key: (item: T) => string): readonly T[] {
  const first = new Map<string, T>();
  for (const item of items) if (!first.has(key(item))) first.set(key(item), item);
  return [...first.values()];
}
