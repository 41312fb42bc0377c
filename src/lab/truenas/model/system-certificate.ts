import { generateKeyPairSync, sign } from "node:crypto";

/** A certificate that the server keeps, or a request for one. */
export interface LabCertificate {
  readonly id: number;
  readonly name: string;
  readonly commonName: string;
  /** Undefined for a request that was not answered yet. Times are in Unix seconds. */
  readonly issued:
    | { readonly from: number; readonly until: number; readonly certificatePem: string; readonly keyPem: string }
    | undefined;
}

/** What a certificate says. */
export interface LabCertificateOptions {
  readonly commonName: string;
  readonly from: number;
  readonly until: number;
}

/** A self-signed certificate of version 1 with a new key: enough for whoever reads when it ends. */
export function createLabCertificate(id: number, name: string, options: LabCertificateOptions): LabCertificate {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const { commonName, from, until } = options;
  const subject = der(0x30, der(0x31, der(0x30, COMMON_NAME, der(0x0c, Buffer.from(commonName)))));
  const validity = der(0x30, time(from), time(until));
  const key = publicKey.export({ type: "spki", format: "der" });
  const body = der(0x30, der(0x02, Buffer.from([id])), ED25519, subject, validity, subject, key);
  const signature = der(0x03, Buffer.from([0]), sign(null, body, privateKey));
  const certificate = der(0x30, body, ED25519, signature).toString("base64").replaceAll(/.{64}/g, "$&\n");
  const certificatePem = `-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----\n`;
  const keyPem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return { id, name, commonName, issued: { from, until, certificatePem, keyPem } };
}

/** A value of ASN.1 by its distinguished encoding (ITU-T X.690). */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

/** GeneralizedTime. */
const time = (at: number): Buffer =>
  der(0x18, Buffer.from(`${new Date(at * 1000).toISOString().slice(0, 19).replaceAll(/[-T:]/g, "")}Z`));

/** 2.5.4.3 */
const COMMON_NAME = der(0x06, Buffer.from([0x55, 0x04, 0x03]));
/** 1.3.101.112 (RFC 8410) */
const ED25519 = der(0x30, der(0x06, Buffer.from([0x2b, 0x65, 0x70])));
