import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { stringify } from "yaml";
import { javaKeyStore, pkcs12 } from "./key-store.ts";
import type { Entity } from "./x509/issuing.ts";

/** Opens the key stores that {@link labFiles} gives, but for one. */
export const PASSPHRASE = "changeit";
const OTHER = "another one";

/** A file with certificates, as it should be read. */
export interface WrittenFile {
  readonly path: string;
  /** Fingerprints of the certificates in it, in order. */
  readonly certificates: readonly string[];
  /** How many revocation lists are in it. */
  readonly lists: number;
  /** What is wrong with it, as one of Watchkeeper's reasons; all that is not is read all the same. */
  readonly fault?: string;
}

/** What is put into files. */
export interface StoredThings {
  readonly root: Entity;
  readonly intermediate: Entity;
  readonly client: Entity;
  readonly leaf: Entity;
  /** One with an RSA key that signed itself: what makes PKCS#12 spoils signatures of other kinds. */
  readonly rsa: Entity;
  /** The encoding of the intermediate's revocation list. */
  readonly list: Buffer;
}

interface LabFile {
  readonly content: string | Uint8Array;
  readonly holds?: readonly Entity[];
  readonly lists?: number;
  readonly fault?: string;
}

/** The files of the lab by path: certificates in every format, kubeconfig, and broken ones. */
export function labFiles(things: StoredThings): Readonly<Record<string, LabFile>> {
  const { root, intermediate, client, leaf } = things;
  return {
    "authority.pem": pem(root),
    "client.pem": pem(client),
    "client.key": { content: client.keyPem, fault: "no_certificate" },
    passphrase: { content: `${PASSPHRASE}\n`, fault: "no_certificate" },
    "kubeconfig.yaml": { content: kubeconfig(root, client), holds: [root, client] },
    "stored/authorities.pem": pem(root, intermediate),
    "formats/leaf.der": { content: leaf.der, holds: [leaf] },
    "formats/windows.pem": { content: pem(leaf).content.replaceAll("\n", "\r\n"), holds: [leaf] },
    "formats/with-text.pem": { content: withText(leaf, intermediate), holds: [leaf, intermediate] },
    "formats/with-key.pem": { content: leaf.keyPem + leaf.certificatePem, holds: [leaf] },
    "formats/duplicates.pem": pem(root, intermediate, root),
    ...listFiles(things),
    ...keyStoreFiles(things),
    ...brokenFiles(things),
  };
}

/** Writes the files below the folder; keys and passphrases are for their owner only. */
export async function writeLabFiles(
  dir: string,
  files: Readonly<Record<string, LabFile>>,
): Promise<readonly WrittenFile[]> {
  const written: WrittenFile[] = [];
  for (const [name, { content, holds = [], lists = 0, fault }] of Object.entries(files)) {
    const path = join(dir, name);
    await mkdir(dirname(path), { recursive: true });
    const isSecret = typeof content === "string" && (/KEY-----|key-data/.test(content) || name === "passphrase");
    await writeFile(path, content, { mode: isSecret ? 0o600 : 0o644 });
    const certificates = holds.map(({ fingerprint }) => fingerprint);
    written.push({ path, certificates, lists, ...(fault !== undefined && { fault }) });
  }
  return written;
}

/** The certificates as one bundle. */
export const pem = (...holds: readonly Entity[]) => ({
  content: holds.map(({ certificatePem }) => certificatePem).join(""),
  holds,
});

function listFiles({ list }: StoredThings): Record<string, LabFile> {
  const base64 = list.toString("base64").replaceAll(/.{64}/g, "$&\n").trimEnd();
  return {
    "formats/list.crl": { content: list, lists: 1 },
    "formats/list.pem": { content: `-----BEGIN X509 CRL-----\n${base64}\n-----END X509 CRL-----\n`, lists: 1 },
  };
}

function keyStoreFiles({ root, intermediate, rsa }: StoredThings): Record<string, LabFile> {
  const p12 = pkcs12(rsa, PASSPHRASE);
  const jks = javaKeyStore({ root, intermediate }, PASSPHRASE);
  const half = (store: Buffer): Buffer => store.subarray(0, store.length / 2);
  return {
    "formats/keystore.p12": { content: p12, holds: [rsa] },
    "formats/truststore.jks": { content: jks, holds: [root, intermediate] },
    "broken/half.p12": { content: half(p12), fault: "bad_keystore" },
    "broken/half.jks": { content: half(jks), holds: [root], fault: "bad_keystore" },
    // only the key of this one is encrypted, and a Java key store has nothing encrypted but keys
    "broken/other-passphrase.p12": { content: pkcs12(rsa, OTHER), holds: [rsa], fault: "wrong_passphrase" },
    "broken/other-passphrase.jks": { content: javaKeyStore({ root }, OTHER), holds: [root], fault: "wrong_passphrase" },
  };
}

function brokenFiles({ leaf, intermediate }: StoredThings): Record<string, LabFile> {
  const { content } = pem(leaf);
  return {
    "broken/half.pem": { content: content.slice(0, content.length / 2), fault: "bad_pem" },
    "broken/half.der": { content: leaf.der.subarray(0, leaf.der.length / 2), fault: "bad_certificate" },
    "broken/one-of-two.pem": {
      content: content.replace(/\n.{20}/, "\n!!!!") + intermediate.certificatePem,
      holds: [intermediate],
      fault: "bad_pem",
    },
    "broken/only-a-key.pem": { content: leaf.keyPem, fault: "no_certificate" },
    "broken/empty.pem": { content: "", fault: "no_certificate" },
  };
}

const withText = (leaf: Entity, intermediate: Entity): string =>
  `Bag Attributes\n    friendlyName: lab\nsubject=/CN=lab\n${leaf.certificatePem}\n\u00fcber all of it\n` +
  `${intermediate.certificatePem}-----END OF THE STORY-----\n`;

function kubeconfig(root: Entity, client: Entity): string {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  const [cluster, user] = ["lab", "lab-admin"];
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "lab",
    clusters: [
      {
        name: cluster,
        cluster: { server: "https://127.0.0.1:6443", "certificate-authority-data": base64(root.certificatePem) },
      },
    ],
    users: [
      {
        name: user,
        user: {
          "client-certificate-data": base64(client.certificatePem),
          "client-key-data": base64(client.keyPem),
        },
      },
    ],
    contexts: [{ name: "lab", context: { cluster, user } }],
  });
}
