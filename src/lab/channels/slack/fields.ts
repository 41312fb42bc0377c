import type { LabRequest } from "../../exchange.ts";
import { jsonBody } from "../channel-server.ts";

/** The named values of a JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

/** Whether a value of JSON is an object. */
export const isRecord = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The arguments of a call, as JSON or as a form whose structured values are JSON; undefined when they are neither. */
export function readArguments(request: LabRequest): Fields | undefined {
  if (!request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) return jsonBody(request);
  return Object.fromEntries([...new URLSearchParams(request.body)].map(([name, text]) => [name, parsed(text)]));
}

function parsed(text: string): unknown {
  if (!/^(?:\[|\{|true$|false$)/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
