import type { Family, MetricKind } from "../../core/metric.ts";
import type { Format } from "./format.ts";

/** What the header lines of one family say. */
export interface FamilyHead {
  /** The name as the text format has it: a counter's ends in `_total`, an info metric's in `_info`. */
  readonly name: string;
  readonly type: MetricKind | "histogram" | "summary";
  readonly help: string;
}

/** Ends an OpenMetrics exposition; the text format has no such line. */
export const END_OF_OPENMETRICS = "# EOF\n";

/** https://prometheus.io/docs/specs/om/open_metrics_spec/#units-and-base-units */
const BASE_UNITS = ["seconds", "bytes", "ratio", "celsius", "volts", "amperes", "joules", "grams", "meters"];

/**
 * The header lines of one family, each ended by a line feed. OpenMetrics names a counter and an info metric without
 * their suffix, takes a unit only when the name ends in it, and orders the lines TYPE, UNIT, HELP.
 */
export function encodeHead(head: FamilyHead, format: Format): string {
  if (format === "text") {
    const type = head.type === "info" ? "gauge" : head.type;
    return `# HELP ${head.name} ${escapeTextHelp(head.help)}\n# TYPE ${head.name} ${type}\n`;
  }
  const name = openMetricsName(head);
  const unit = head.type === "info" ? undefined : BASE_UNITS.find((unit) => name.endsWith(`_${unit}`));
  const unitLine = unit === undefined ? "" : `# UNIT ${name} ${unit}\n`;
  return `# TYPE ${name} ${head.type}\n${unitLine}# HELP ${name} ${escapeQuoted(head.help)}\n`;
}

/** The name of a family in OpenMetrics' header lines. */
export function openMetricsName({ name, type }: FamilyHead): string {
  if (type === "counter") return name.replace(/_total$/, "");
  return type === "info" ? name.replace(/_info$/, "") : name;
}

/** Characters of sample lines that are encoded at a time: about a millisecond's work. */
const PIECE_LENGTH = 65_536;

/**
 * Encodes a family's sample lines, which are the same in both formats, with `target` as the first label; a label that
 * is empty is left out, which means the same (https://prometheus.io/docs/concepts/data_model/). Yields after each piece
 * of about 64 KiB, so that the caller can let other work in; returns the pieces.
 */
export function* encodeSamples({ metric, samples }: Family, target: string): Generator<void, Buffer[]> {
  const start = `${metric.name}{target="${escapeQuoted(target)}"`;
  const names = metric.labels.map((label) => `,${label}="`);
  const pieces: Buffer[] = [];
  let text = "";
  for (const { labels, value } of samples) {
    text += start;
    for (let i = 0; i < names.length; i++) {
      const label = labels[i] ?? "";
      if (label !== "") text += `${names[i]}${escapeQuoted(label)}"`;
    }
    text += `} ${encodeNumber(value)}\n`;
    if (text.length < PIECE_LENGTH) continue;
    pieces.push(toBuffer(text));
    text = "";
    yield;
  }
  if (text !== "") pieces.push(toBuffer(text));
  return pieces;
}

/** UTF-8 in memory of its own: a slice of Node's shared pool would keep 8 KiB alive for a family of one line. */
function toBuffer(text: string): Buffer {
  const buffer = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  buffer.write(text);
  return buffer;
}

/** A sample's value: the shortest decimal that reads back to the same number, `NaN`, `+Inf` or `-Inf`. */
export function encodeNumber(value: number): string {
  if (Number.isFinite(value)) return `${value}`;
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}

/**
 * A number as OpenMetrics wants it in the labels `le` and `quantile`: like Go's `%g`, with `.0` after a whole number.
 * Source: https://prometheus.io/docs/specs/om/open_metrics_spec/#considerations-canonical-numbers
 */
export function encodeCanonicalNumber(value: number): string {
  if (!Number.isFinite(value)) return encodeNumber(value);
  const [digits = "", power = "0"] = value.toExponential().split("e");
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 6) return Number.isInteger(value) ? `${value}.0` : `${value}`;
  return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** Escapes a label value, or OpenMetrics' help text: backslash, line feed and double quote. */
export const escapeQuoted = (text: string): string =>
  /[\\\n"]/.test(text) ? text.replaceAll(/[\\\n"]/g, escapeCharacter) : text;

/** In the text format a quote in a help text stays as it is. */
const escapeTextHelp = (text: string): string => text.replaceAll(/[\\\n]/g, escapeCharacter);

const escapeCharacter = (character: string): string => (character === "\n" ? "\\n" : `\\${character}`);
