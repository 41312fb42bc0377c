import type { LabAnswer } from "../exchange.ts";
import type { OtlpValue } from "./otlp.ts";
import type { Value } from "./traceql/tree.ts";
import { printDuration } from "./traceql/validate.ts";

const TEXT = "text/plain; charset=utf-8";

/** Compact JSON without a final newline; undefined members are left out. */
export function json(body: object, type = "application/json"): LabAnswer {
  return { status: 200, headers: { "content-type": type, vary: "Accept-Encoding" }, body: JSON.stringify(body) };
}

/** A text, as all errors are. */
export function text(status: number, body: string, headers: Readonly<Record<string, string>> = {}): LabAnswer {
  return { status, headers: { "content-type": TEXT, vary: "Accept-Encoding", ...headers }, body };
}

/** What is on no path. */
export const notFound = (): LabAnswer => text(404, "404 page not found\n", { "x-content-type-options": "nosniff" });

/** A value of TraceQL as the answers write it: durations, statuses and kinds are texts. */
export function toOtlp(value: Value): OtlpValue {
  switch (value.type) {
    case "int":
      return { intValue: String(value.value) };
    case "float":
      return { doubleValue: value.value };
    case "bool":
      return { boolValue: value.value };
    case "duration":
      return { stringValue: printDuration(value.value) };
    case "nil":
      return { stringValue: "nil" };
    case "string":
    case "status":
    case "kind":
      return { stringValue: value.value };
  }
}

/** Zeros and empty texts are absent from the answers. */
export function unlessZero<T extends string | number>(value: T): T | undefined {
  return value === 0 || value === "" ? undefined : value;
}
