import { createDecipheriv, createHmac, createSecretKey, type KeyObject } from "node:crypto";

interface Suite {
  readonly cipher: "aes-128-gcm" | "aes-256-gcm" | "chacha20-poly1305";
  readonly keyBytes: number;
  readonly hash: "sha256" | "sha384";
}

/** The cipher suites of TLS 1.3 that Node offers. Source: https://www.rfc-editor.org/rfc/rfc8446 appendix B.4 */
const SUITES: Readonly<Record<number, Suite>> = {
  0x1301: { cipher: "aes-128-gcm", keyBytes: 16, hash: "sha256" },
  0x1302: { cipher: "aes-256-gcm", keyBytes: 32, hash: "sha384" },
  0x1303: { cipher: "chacha20-poly1305", keyBytes: 32, hash: "sha256" },
};

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** What a record of TLS 1.3 holds. */
export interface Inner {
  readonly type: number;
  readonly content: Buffer;
}

/** Opens records of TLS 1.3 one after the other, in the order in which they came. */
export type OpenRecord = (header: Buffer, payload: Buffer) => Inner;

/**
 * Makes what opens the records under a traffic secret; undefined for a suite that is not known. It throws for a record
 * that was made with another key. Source: https://www.rfc-editor.org/rfc/rfc8446 sections 5.2, 5.3, 7.1 and 7.3
 */
export function createOpener(suite: number, secret: Buffer): OpenRecord | undefined {
  const known = SUITES[suite];
  if (known === undefined) return undefined;
  // a key as bytes costs Node five times as much at every use
  const secretKey = createSecretKey(secret);
  const key = createSecretKey(expandLabel(known.hash, secretKey, "key", known.keyBytes));
  const iv = expandLabel(known.hash, secretKey, "iv", IV_BYTES);
  let sequence = 0;
  return (header, payload) => {
    const inner = open(known.cipher, { key, nonce: nonceOf(iv, sequence++), header, payload });
    let end = inner.length - 1;
    // zero bytes after the type are padding
    while (end > 0 && inner[end] === 0) end--;
    return { type: inner[end] ?? 0, content: inner.subarray(0, Math.max(end, 0)) };
  };
}

interface Sealed {
  readonly key: KeyObject;
  readonly nonce: Buffer;
  readonly header: Buffer;
  readonly payload: Buffer;
}

function open(cipher: Suite["cipher"], { key, nonce, header, payload }: Sealed): Buffer {
  const sealed = payload.length - TAG_BYTES;
  const decipher = createDecipheriv(cipher as "aes-128-gcm", key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(header);
  decipher.setAuthTag(payload.subarray(Math.max(sealed, 0)));
  const inner = decipher.update(payload.subarray(0, Math.max(sealed, 0)));
  decipher.final();
  return inner;
}

function nonceOf(iv: Buffer, sequence: number): Buffer {
  const nonce = Buffer.from(iv);
  nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ sequence) >>> 0, 8);
  return nonce;
}

/** HKDF-Expand-Label with no context, for lengths up to that of the hash, so that one round is enough. */
function expandLabel(hash: Suite["hash"], secret: KeyObject, label: string, length: number): Buffer {
  const text = `tls13 ${label}`;
  const info = Buffer.from(`\0${String.fromCharCode(length, text.length)}${text}\0\x01`, "latin1");
  return createHmac(hash, secret).update(info).digest().subarray(0, length);
}
