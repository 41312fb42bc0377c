import type { core } from "zod";
import { clip } from "../../lib/text.ts";

/** A body that is not what its sender's webhooks look like; the message says where, and what is expected there. */
export class BadNotification extends Error {
  override readonly name = "BadNotification";
}

/** The first fault of a shape, with its place as a JSON path such as `alerts[3].startsAt`; no value is ever shown. */
export function badShape(what: string, issues: readonly core.$ZodIssue[], hint: string): BadNotification {
  const [issue] = issues;
  if (issue === undefined) return new BadNotification(`This is not ${what}.`);
  const isOuter = issue.path.length < 2;
  const place = issue.path.length === 0 ? "the body" : clip(issue.path.map(printStep).join(""), 200).replace(/^\./, "");
  return new BadNotification(`This is not ${what}: ${place}: ${issue.message}.${isOuter ? ` ${hint}` : ""}`);
}

function printStep(step: PropertyKey): string {
  if (typeof step === "number") return `[${step}]`;
  const name = String(step);
  return /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
