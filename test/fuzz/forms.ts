import type { Form } from "./target.ts";

/** Bytes as they are, in a file of that extension. */
export const bytesForm = (extension: string): Form<Uint8Array> => ({
  extension,
  write: (input) => input,
  read: (bytes) => bytes,
});

/** JSON has no words for these numbers. */
const NUMBER = "number";

/** Plain data as JSON; numbers that JSON does not know (`NaN`, `Infinity`, `-0`) stand in an object of their own. */
export const jsonForm = <Input>(): Form<Input> => ({
  extension: "json",
  write: (input) => Buffer.from(`${JSON.stringify(input, written, 2)}\n`),
  read: (bytes) => JSON.parse(Buffer.from(bytes).toString("utf8"), revived) as Input,
});

function written(_key: string, value: unknown): unknown {
  if (typeof value !== "number" || (Number.isFinite(value) && !Object.is(value, -0))) return value;
  return { [NUMBER]: Object.is(value, -0) ? "-0" : String(value) };
}

function revived(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, NUMBER)) return value;
  const text: unknown = Reflect.get(value, NUMBER);
  return typeof text === "string" && Object.keys(value).length === 1 ? Number(text) : value;
}
