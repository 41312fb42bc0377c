import { createHash } from "node:crypto";
import forge from "node-forge";
import type { Entity } from "./x509/issuing.ts";

const MAGIC = 0xfe_ed_fe_ed;
const VERSION = 2;
const TRUSTED_CERTIFICATE = 2;
/** Mixed into the digest, as the JDK's own class `JavaKeyStore` does. */
const WHITENER = "Mighty Aphrodite";
/** Few, because the library derives its keys in plain JavaScript. */
const ITERATIONS = 100;

/** A Java key store (JKS) of trusted certificates by alias; the passphrase guards against changes only. */
export function javaKeyStore(certificates: Readonly<Record<string, Entity>>, passphrase: string): Buffer {
  const entries = Object.entries(certificates);
  const body = Buffer.concat([uint32(MAGIC), uint32(VERSION), uint32(entries.length), ...entries.map(trusted)]);
  const secret = Buffer.from(passphrase, "utf16le").swap16();
  const digest = createHash("sha1").update(secret).update(WHITENER).update(body).digest();
  return Buffer.concat([body, digest]);
}

/** A PKCS#12 key store with the certificate and its key, which has to be of RSA and to have signed it. */
export function pkcs12({ certificatePem, keyPem }: Entity, passphrase: string): Buffer {
  const { asn1, pki, pkcs12: stores } = forge;
  const store = stores.toPkcs12Asn1(pki.privateKeyFromPem(keyPem), pki.certificateFromPem(certificatePem), passphrase, {
    algorithm: "aes256",
    count: ITERATIONS,
    friendlyName: "lab",
  });
  return Buffer.from(asn1.toDer(store).getBytes(), "latin1");
}

function trusted([alias, { der, certificate }]: readonly [string, Entity]): Buffer {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(certificate.notBefore.getTime()));
  return Buffer.concat([uint32(TRUSTED_CERTIFICATE), utf(alias), time, utf("X.509"), uint32(der.length), der]);
}

function utf(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
}

function uint32(n: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(n);
  return bytes;
}
