/** Keys and indexes from the root of a document to one of its values. */
export type Path = readonly (string | number)[];

/** What is wrong at a path; `key` is set when it is about a key of the mapping there, as for one that is not known. */
export interface PathFault {
  readonly path: Path;
  readonly key?: string;
  /** A sentence whose subject is the path; it never quotes the value. */
  readonly message: string;
}

/** The value at a path; undefined when there is none. */
export function valueAt(settings: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) => (isCollection(value) && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined),
    settings,
  );
}

/**
 * Copies settings with the value at a path replaced; what should be a mapping and is none stays, for the schema to
 * refuse.
 */
export function withValue(settings: unknown, path: Path, value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (settings === undefined) return { [key]: withValue(undefined, rest, value) };
  if (!isMapping(settings)) return settings;
  return { ...settings, [key]: withValue(settings[key], rest, value) };
}

/** Whether a value is a mapping, the only one of JSON's collections that is not a list. */
export const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isCollection(value) && !Array.isArray(value);

/** Whether a value is a mapping or a list. */
export const isCollection = (value: unknown): value is object => typeof value === "object" && value !== null;
