import type { LabAnswer, LabRequest } from "../exchange.ts";

/** An answer of JSON. */
export const json = (status: number, body: unknown): LabAnswer => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

/** An error of the older API. */
export const refusal = (status: number, message: string, more: object = {}): LabAnswer =>
  json(status, { message, ...more });

/**
 * An error of the API of resources. Source:
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
 */
export const failure = (code: number, reason: string, message: string): LabAnswer =>
  json(code, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code });

/** The parsed body; empty when it is no JSON object. */
export function bodyOf({ body }: LabRequest): Readonly<Record<string, unknown>> {
  try {
    return fieldsOf(JSON.parse(body));
  } catch {
    return {};
  }
}

/** The members of an object; none of anything else. */
export const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? { ...value } : {};

/** A text; empty for anything else. */
export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
