/** A value of ASN.1 as DER encodes it: its tag, the length of its content, its content. */
export function value(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.of(tag), lengthOf(body.length), body]);
}

/** A SEQUENCE of the values. */
export const sequence = (...content: readonly Uint8Array[]): Buffer => value(0x30, ...content);

/** The values under the explicit context tag `[n]`. */
export const tagged = (n: number, ...content: readonly Uint8Array[]): Buffer => value(0xa0 + n, ...content);

/** An INTEGER of its content, which is big-endian with the sign in the first bit. */
export const integer = (content: Uint8Array): Buffer => value(0x02, content);

/** An ENUMERATED below 128. */
export const enumerated = (n: number): Buffer => value(0x0a, Buffer.of(n));

/** An OCTET STRING. */
export const octets = (content: Uint8Array): Buffer => value(0x04, content);

/** A BIT STRING of whole bytes. */
export const bits = (content: Uint8Array): Buffer => value(0x03, Buffer.of(0), content);

/** A GeneralizedTime, such as 20260102030405Z. */
export const time = (date: Date): Buffer =>
  value(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]|\.\d+Z$/g, "")}Z`, "ascii"));

/** An OBJECT IDENTIFIER of its dotted form. */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return value(0x06, Buffer.from([first * 40 + second, ...rest].flatMap(base128)));
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const hex = length.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  return Buffer.concat([Buffer.of(0x80 + bytes.length), bytes]);
}

function base128(n: number): readonly number[] {
  const digits = [n % 128];
  for (let rest = Math.floor(n / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift(128 + (rest % 128));
  return digits;
}
