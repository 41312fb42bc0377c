import type { Alert } from "../core/alert.ts";
import { OWN_ALERTS } from "../core/own-alerts.ts";
import { nearest } from "../lib/documents/nearest.ts";
import { isMapping, valueAt, type PathFault } from "../lib/documents/values.ts";

const OWN: ReadonlySet<string> = new Set(Object.values(OWN_ALERTS).map(({ name }) => name));
const MOST_SUGGESTED = 3;

/** Says of a key of the section `rules` that is the name of no rule what helps there; other faults stay as they are. */
export function aboutRules(settings: unknown, alerts: readonly Alert<string>[]): (fault: PathFault) => PathFault {
  const known = alerts.map(({ name }) => name);
  return (fault) => {
    const { path, key } = fault;
    if (key === undefined || path.length !== 1 || path[0] !== "rules") return fault;
    return { ...fault, message: unknownAlert(key, valueAt(settings, [...path, key]), known) };
  };
}

function unknownAlert(name: string, value: unknown, known: readonly string[]): string {
  if (OWN.has(name))
    return `"${name}" is no rule, so it can not be changed here: Watchkeeper raises it by itself, and alerting.route says who is told`;
  const meant = suggestions(name, known);
  if (meant.length > 0) return `unknown alert "${name}"; did you mean ${meant.map((one) => `"${one}"`).join(" or ")}?`;
  // a lost colon turns a value, even a secret one, into a key: only what looks like an alert's section is shown
  const shown = /^[A-Z][A-Za-z]{2,63}$/.test(name) && isMapping(value) ? ` "${name}"` : "";
  return `unknown alert${shown}: docs/reference/alerts.md has the names`;
}

function suggestions(name: string, known: readonly string[]): readonly string[] {
  const near = nearest(name, known);
  if (near !== undefined) return [near];
  const holds = (one: string): boolean => one.toLowerCase().includes(name.toLowerCase());
  // a few letters are in many names
  return name.length < 4 ? [] : known.filter(holds).slice(0, MOST_SUGGESTED);
}
