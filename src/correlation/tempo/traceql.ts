import type { TelemetryFilter } from "../../core/telemetry.ts";
import { HOST_ATTRIBUTES, POD_ATTRIBUTE } from "../spans/span-row.ts";

/** The spans by which a request or message enters a service. */
export const ENTRY = "(kind = server || kind = consumer)";
/** The spans that failed. */
export const FAILED = "status = error";
/** The attribute that names a service. */
export const SERVICE = "resource.service.name";

/**
 * A text as a string of TraceQL, whatever is in it: its escapes are those of Go, which JSON's are too.
 * Source: https://grafana.com/docs/tempo/latest/traceql/construct-traceql-queries/
 */
export const quote = (text: string): string => JSON.stringify(text.toWellFormed());

/** A set of spans that meet all conditions; undefined ones are none. */
export function spanset(...conditions: readonly (string | undefined)[]): string {
  const all = allOf(conditions);
  return all === "" ? "{ }" : `{ ${all} }`;
}

/** That all of the conditions hold, each once; empty without any. */
export const allOf = (conditions: readonly (string | undefined)[]): string =>
  [...new Set(conditions.filter((condition) => condition !== undefined))].join(" && ");

/**
 * Values that may be no texts: an attribute is asked for both, since what was counted does not tell its type. Tempo
 * refuses whole numbers of more than 64 bits.
 */
const BARE = /^(?:-?\d{1,18}(?:\.\d{1,18})?|true|false)$/;
/** What is a word of TraceQL, and no text. */
const OF_WORDS = /^(?:kind|status)$/;
/** Names that are no name of TraceQL as they are. */
const ODD_NAME = /[^\w.:/@*$-]/;

/** That an attribute, named with its scope as in a comparison, has a value. */
export function hasValue(field: string, value: string): string {
  const name = nameOf(field);
  if (OF_WORDS.test(field)) return `${name} = ${value}`;
  const isText = `${name} = ${quote(value)}`;
  return BARE.test(value) && field.includes(".") ? `(${isText} || ${name} = ${value})` : isText;
}

function nameOf(field: string): string {
  const [, scope = "", name = ""] = /^([a-z]*\.)(.*)$/s.exec(field) ?? [];
  return scope === "" || name.startsWith('"') || !ODD_NAME.test(name) ? field : `${scope}${quote(name)}`;
}

/** That one of the conditions holds; undefined without any. */
export function anyOf(conditions: readonly string[]): string | undefined {
  return conditions.length < 2 ? conditions[0] : `(${conditions.join(" || ")})`;
}

/** That an attribute has one of the values. */
export const isOneOf = (attribute: string, values: readonly string[]): readonly string[] =>
  values.map((value) => `${attribute} = ${quote(value)}`);

/** That a span is of one of the services, pods or hosts that are named; undefined when none is. */
export function isNamed({ services, pods, hosts }: TelemetryFilter): string | undefined {
  return anyOf([
    ...isOneOf(SERVICE, services),
    ...isOneOf(`resource.${POD_ATTRIBUTE}`, pods),
    ...HOST_ATTRIBUTES.flatMap((host) => isOneOf(`resource.${host}`, hosts)),
  ]);
}
