import type { z } from "zod";
import { secretPair } from "../../core/config-fields.ts";

/**
 * A secret that may be left out: written at `<key>`, or in the file of `<key>_file`, or not at all. Spread `fields`
 * into a strict object, wrap that object into `atMostOne`, and hand `source` of what was parsed to `credential` unless
 * it is undefined.
 */
export function optionalSecret<K extends string>(key: K, help: string) {
  const { fields, source } = secretPair(key, help);
  const fileKey = `${key}_file`;
  return {
    fields,
    atMostOne: <S extends z.ZodObject>(schema: S): S =>
      schema.superRefine(
        (value, context) => {
          if (!isGiven(value, key) || !isGiven(value, fileKey)) return;
          context.addIssue({ code: "custom", path: [key], message: `stands beside ${fileKey}: keep one of the two` });
        },
        // faults of other keys do not hide this one
        { when: ({ value }) => typeof value === "object" && value !== null && !Array.isArray(value) },
      ),
    source: (config: Parameters<typeof source>[0]): ReturnType<typeof source> | undefined => {
      const found = source(config);
      return found.value === undefined && found.file === undefined ? undefined : found;
    },
  };
}

/** Whether an object of the configuration has a value at the key. */
const isGiven = (value: unknown, key: string): boolean =>
  typeof value === "object" && value !== null && Reflect.get(value, key) !== undefined;
