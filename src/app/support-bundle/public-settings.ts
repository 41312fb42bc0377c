import { DURATION_PATTERN } from "../../core/duration.ts";
import { REDACTED } from "../../core/secret.ts";
import { MatcherFault, parseMatchers } from "../../lib/matcher-text.ts";
import { alternatives, schemasAt, type JsonSchema } from "../../lib/documents/schema-tree.ts";
import { isMapping, type Path } from "../../lib/documents/values.ts";
import type { Pseudonyms } from "./pseudonyms.ts";

/** What a configuration is made public by. */
export interface PublicSettingsOptions {
  /** The schema of the configuration. */
  readonly root: JsonSchema;
  readonly names: Pseudonyms;
  /** The product's own words: see {@link schemaWords}. */
  readonly words: ReadonlySet<string>;
}

/**
 * Copies settings, those with faults too, so that anybody may read them. Kept are keys and words that the schema has,
 * numbers within bounds, durations, yes and no; a secret is redacted, and everything else has a pseudonym.
 */
export function publicSettings(settings: unknown, options: PublicSettingsOptions): unknown {
  const { names, words } = options;
  const walk = (value: unknown, path: Path): unknown => {
    if (Array.isArray(value)) return value.map((one: unknown, i) => walk(one, [...path, i]));
    if (!isMapping(value)) return publicValue(value, path, settings, options);
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [
        words.has(key) ? key : names.of("key", key),
        walk(one, [...path, key]),
      ]),
    );
  };
  return walk(settings, []);
}

/** Every word that the schema itself has: keys, kinds and choices. */
export function schemaWords(root: JsonSchema): ReadonlySet<string> {
  const words = new Set<string>();
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk);
    if (!isMapping(value)) return;
    const { properties, enum: choices, const: constant } = value;
    for (const word of [...(isMapping(properties) ? Object.keys(properties) : []), ...list(choices), constant])
      if (typeof word === "string") words.add(word);
    Object.values(value).forEach(walk);
  };
  walk(root);
  return words;
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Above it a number is an id. */
const MOST_COUNTED = 1_000_000;

function publicValue(value: unknown, path: Path, settings: unknown, options: PublicSettingsOptions): unknown {
  const { root, names } = options;
  if (value === null || value === undefined || typeof value === "boolean") return value;
  const shapes = schemasAt(root, settings, path).flatMap((schema) => alternatives(root, schema, value));
  if (shapes.some(({ writeOnly }) => writeOnly === true)) return REDACTED;
  if (typeof value !== "string" && typeof value !== "number") return "<other>";
  if (shapes.length === 0) return names.of("text", String(value));
  if (isOfSchema(value, shapes) || isDefault(value, path, settings, root)) return value;
  if (typeof value === "number") {
    const isCount = shapes.some(({ type, maximum = Infinity }) => type === "number" || maximum <= MOST_COUNTED);
    return isCount ? value : names.of(kindAt(path), String(value));
  }
  return publicText(value, path, shapes, options);
}

const isOfSchema = (value: unknown, shapes: readonly JsonSchema[]): boolean =>
  shapes.some((shape) => shape.const === value || shape.default === value || list(shape.enum).includes(value));

/** Whether it is one of the entries that its list has where nobody writes one. */
function isDefault(value: unknown, path: Path, settings: unknown, root: JsonSchema): boolean {
  if (typeof path.at(-1) !== "number") return false;
  return schemasAt(root, settings, path.slice(0, -1)).some((schema) => list(schema.default).includes(value));
}

const TIME_OF_DAY = /^\d{1,2}:\d{2}$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:\d{2})$/;
const DAYS_AND_MONTHS =
  /^(?:[-:\d]|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august|september|october|november|december)+$/i;
const CALENDAR = new Set(["weekdays", "days_of_month", "months", "years"]);
const ADDRESS = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]*)):(\d{1,5})$/;

function publicText(text: string, path: Path, shapes: readonly JsonSchema[], options: PublicSettingsOptions): string {
  const { names } = options;
  const kind = kindAt(path);
  const isTitled = (beginning: string): boolean => shapes.some(({ title }) => title?.startsWith(beginning));
  const isOfFormat = (...formats: readonly string[]): boolean =>
    shapes.some(({ format }) => format !== undefined && formats.includes(format));
  if (isTitled("duration") && DURATION_PATTERN.test(text)) return text;
  if (isTitled("time of day") && TIME_OF_DAY.test(text)) return text;
  if (isOfFormat("date-time") && MOMENT.test(text)) return text;
  if (CALENDAR.has(kind) && DAYS_AND_MONTHS.test(text)) return text;
  if (kind === "matchers") return publicMatchers(text, options);
  if (text.includes("://")) return names.url(text);
  if (kind === "host") return names.host(text);
  if (kind === "listen") return publicAddress(text, names);
  if (isOfFormat("path") || FILES.has(kind)) return names.of("file", text);
  return names.of(kind, text);
}

function publicAddress(text: string, names: Pseudonyms): string {
  const [, ip6, host = ip6, port] = ADDRESS.exec(text) ?? [];
  if (port === undefined) return names.of("listen", text);
  if (host === undefined || host === "") return `:${port}`;
  const name = names.host(host);
  return `${name.includes(":") ? `[${name}]` : name}:${port}`;
}

const FILES = new Set(["paths", "specs", "audit_log"]);

/** Labels that everybody has. */
const COMMON_LABELS = new Set(["alertname", "instance", "job", "cluster"]);

function publicMatchers(text: string, { names, words }: PublicSettingsOptions): string {
  try {
    const matchers = parseMatchers(text).map(({ label, operator, value }) => {
      const isOwn = value.split("|").every((one) => one === "" || words.has(one));
      const name = words.has(label) || COMMON_LABELS.has(label) ? label : names.of("label", label);
      return `${name}${operator}"${isOwn ? value : names.of("value", value)}"`;
    });
    return matchers.join(", ");
  } catch (thrown) {
    if (!(thrown instanceof MatcherFault)) throw thrown;
    return names.of("matcher", text);
  }
}

/** What else a thing is called by other keys. */
const KINDS: Readonly<Record<string, string>> = {
  destinations: "destination",
  fallback: "destination",
  sources: "source",
  time_intervals: "time_interval",
  mute_time_intervals: "time_interval",
  active_time_intervals: "time_interval",
  server_name: "host",
  username: "user",
  to: "mail",
  from: "mail",
};

/** What kind of thing a text at a path names: what its key says, or of a `name` what it is the name of. */
function kindAt(path: Path): string {
  const keys = path.filter((key) => typeof key === "string");
  const key = keys.at(-1) ?? "text";
  if (key !== "name") return KINDS[key] ?? key;
  const [section, ...within] = keys;
  const owner = within.at(-2) ?? "name";
  return section === "targets" && within.length === 2 ? "target" : (KINDS[owner] ?? owner);
}

/** The dotted path of a fault without the keys that are not the schema's. */
export const publicPath = (dotted: string, { names, words }: PublicSettingsOptions): string =>
  dotted
    .split(".")
    .map((key) => (key === "" || /^\d+$/.test(key) || words.has(key) ? key : names.of("key", key)))
    .join(".");
