import { Buffer } from "node:buffer";
import { Der } from "./der.ts";
import { derHeader, hex } from "./der-values.ts";
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
 * `issuer` of blackbox_exporter have it; empty for a name without attributes. Throws `DerError`.
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

/** Go prints what it has no name for as the hexadecimal of the value encoded anew: ASCII without signs as PrintableString. */
function otherText({ oid, value, element }: NameAttribute): string {
  if (value === undefined) return `${oid}=#${hex(element.encoded)}`;
  const bytes = Buffer.from(value, "utf8");
  const tag = /^[\d A-Za-z'()+,\-./:=?]*$/.test(value) ? 0x13 : 0x0c;
  return `${oid}=#${hex(Buffer.concat([derHeader(tag, bytes.length), bytes]))}`;
}

/** A decimal serial number as lower-case hexadecimal without leading zeros, as blackbox_exporter has it. */
export const hexSerial = (serialNumber: string): string => BigInt(serialNumber).toString(16);
