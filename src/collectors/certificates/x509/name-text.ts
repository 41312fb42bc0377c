import { Buffer } from "node:buffer";
import { Der } from "./der.ts";
import { hex } from "./der-values.ts";
import { type NameAttribute, nameAttributes } from "./names.ts";

/** Attributes that Go gathers by type, in its order, with the names that it prints. */
const GATHERED: readonly (readonly [oid: string, name: string])[] = [
  ["2.5.4.6", "C"],
  ["2.5.4.8", "ST"],
  ["2.5.4.7", "L"],
  ["2.5.4.9", "STREET"],
  ["2.5.4.17", "POSTALCODE"],
  ["2.5.4.10", "O"],
  ["2.5.4.11", "OU"],
  ["2.5.4.3", "CN"],
  ["2.5.4.5", "SERIALNUMBER"],
];
/** Of these Go keeps the last one only. */
const SINGLE: ReadonlySet<string> = new Set(["2.5.4.3", "2.5.4.5"]);
const GATHERED_OIDS: ReadonlySet<string> = new Set(GATHERED.map(([oid]) => oid));

/**
 * A distinguished name, given as hexadecimal DER, in one line such as `CN=nas.lan,O=Home`, as the labels `subject` and
 * `issuer` of blackbox_exporter (built with Go 1.27 or newer) have it; empty for a name without attributes. Throws
 * `DerError`.
 * Source: https://pkg.go.dev/crypto/x509/pkix#Name.String
 */
export function nameText(nameDer: string): string {
  const attributes = nameAttributes(Der.at(Buffer.from(nameDer, "hex")));
  const others = attributes.filter(({ oid }) => !GATHERED_OIDS.has(oid)).map(otherText);
  const gathered = GATHERED.map((type) => gatheredText(type, attributes)).filter((part) => part !== "");
  return [...others, ...gathered].toReversed().join(",");
}

function gatheredText([oid, name]: readonly [string, string], attributes: readonly NameAttribute[]): string {
  const values = attributes.flatMap((attribute) => (attribute.oid === oid ? (attribute.value ?? []) : []));
  const kept = SINGLE.has(oid) ? values.slice(-1).filter((value) => value !== "") : values;
  return kept.map((value) => `${name}=${escaped(value)}`).join("+");
}

const escaped = (value: string): string => value.replaceAll(/[",+;<>\\]|^[ #]| $/g, String.raw`\$&`);

/** What is no string Go does not read at all: it is shown as it is encoded. */
const otherText = ({ oid, value, element }: NameAttribute): string =>
  `${oid}=${value === undefined ? `#${hex(element.encoded)}` : escaped(value)}`;

/**
 * A decimal serial number as the lower-case hexadecimal of whole bytes, such as `0f00`, as blackbox_exporter has it.
 */
export function hexSerial(serialNumber: string): string {
  const serial = BigInt(serialNumber);
  const digits = (serial < 0n ? -serial : serial).toString(16);
  return `${serial < 0n ? "-" : ""}${digits.length % 2 === 0 ? "" : "0"}${digits}`;
}
