import { escapeUnprintable } from "../../lib/yaml.ts";
import type { SloRule, SloRuleGroup } from "../model.ts";

/** Where a group is written: what stands before its first line and before the others. */
export interface GroupPlace {
  readonly first: string;
  readonly others: string;
}

type Fields = Readonly<Record<string, string>>;

/**
 * A group as a block of YAML, lines ended. It knows the shape of rules only, since printing any value takes ten times
 * as long, which is minutes for thousands of SLOs.
 */
export function printRuleGroup({ name, interval, rules }: SloRuleGroup, { first, others }: GroupPlace): string {
  const inner = `${others}    `;
  const printed = new Map<Fields, string>();
  const fields = (of: Fields): string => {
    const known = printed.get(of) ?? printFields(of, `${inner}  `);
    printed.set(of, known);
    return known;
  };
  let text = `${first}name: ${printText(name)}\n`;
  if (interval !== undefined) text += `${others}interval: ${interval}\n`;
  text += rules.length === 0 ? `${others}rules: []\n` : `${others}rules:\n`;
  for (const rule of rules) text += printRule(rule, `${others}  - `, inner, fields);
  return text;
}

function printRule(rule: SloRule, first: string, others: string, fields: (of: Fields) => string): string {
  if ("record" in rule)
    return `${first}record: ${printText(rule.record)}\n${others}expr: ${printText(rule.expr)}\n${others}labels:${fields(rule.labels)}`;
  let text = `${first}alert: ${printText(rule.alert)}\n${others}expr: ${printText(rule.expr)}\n`;
  if (rule.for !== undefined) text += `${others}for: ${rule.for}\n`;
  if (rule.keep_firing_for !== undefined) text += `${others}keep_firing_for: ${rule.keep_firing_for}\n`;
  return `${text}${others}labels:${fields(rule.labels)}${others}annotations:${fields(rule.annotations)}`;
}

function printFields(of: Fields, indent: string): string {
  const names = Object.keys(of);
  if (names.length === 0) return " {}\n";
  let text = "\n";
  for (const name of names) text += `${indent}${printText(name)}: ${printText(of[name] ?? "")}\n`;
  return text;
}

/**
 * Needs no quotes in a block: printable ASCII from a letter or bracket on, no comment, no mapping, no space at the end.
 */
const PLAIN = /^[A-Za-z_(/](?:[!-9;-~]|:(?! |$)| (?![#]|$))*$/;
const ASCII = /^[ -~]*$/;
/** What YAML 1.1 takes for something else than a text. */
const RESERVED = /^(?:y|yes|n|no|true|false|on|off|null|e[-+]?\d+)$/i;
/** A number of more digits is none that anybody writes. */
const LONGEST_RESERVED = 20;
/** A text on one line, with as few quotes as it needs. Source: https://yaml.org/spec/1.2.2/#73-flow-scalar-styles */
function printText(text: string): string {
  if (PLAIN.test(text) && (text.length > LONGEST_RESERVED || !RESERVED.test(text))) return text;
  if (/["\\]/.test(text) && ASCII.test(text)) return `'${text.replaceAll("'", "''")}'`;
  // Prometheus reads no rule of a file in which half of a pair is written
  return escapeUnprintable(JSON.stringify(text.toWellFormed()));
}
