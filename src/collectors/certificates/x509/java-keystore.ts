import { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import type { FormatFault } from "../certificate.ts";
import { faultOf, type Found, type FoundItem, FormatError } from "./found.ts";
import { ByteReader } from "./byte-reader.ts";
import { skipSerialized } from "./java-serialization.ts";

const JKS = 0xfe_ed_fe_ed;
const JCEKS = 0xce_ce_ce_ce;
const KEY = 1;
const CERTIFICATE = 2;
const SECRET_KEY = 3;
const DIGEST_BYTES = 20;

/** Whether bytes begin as a Java key store of the kind JKS or JCEKS does. */
export function isJavaKeystore(bytes: Uint8Array): boolean {
  if (bytes.length < 4) return false;
  const magic = new ByteReader(bytes).uint32();
  return magic === JKS || magic === JCEKS;
}

/**
 * Certificates of a Java key store, which are not encrypted; keys are passed over. Passphrases only tell by its
 * checksum whether it is whole: without any it is not checked. Never throws.
 * Source:
 * https://github.com/openjdk/jdk/blob/master/src/java.base/share/classes/sun/security/provider/JavaKeyStore.java
 */
export function javaKeystoreContents(bytes: Uint8Array, passphrases: readonly string[]): Found {
  const reader = new ByteReader(bytes);
  const items: FoundItem[] = [];
  const faults: FormatFault[] = [];
  try {
    readEntries(reader, items);
    checkDigest(reader, passphrases);
  } catch (error) {
    faults.push(faultOf(error, "bad_keystore", "the key store"));
  }
  return { items, faults };
}

function readEntries(reader: ByteReader, items: FoundItem[]): void {
  reader.uint32();
  const version = reader.uint32();
  if (version !== 1 && version !== 2) throw new FormatError("bad_keystore", `its version ${version} is not supported`);
  const count = reader.uint32();
  for (let entry = 1; entry <= count; entry++) {
    const kind = reader.uint32();
    skipShort(reader);
    reader.skip(8);
    if (kind === KEY) {
      reader.skip(reader.uint32());
      for (let left = reader.uint32(); left > 0; left--) addCertificate(reader, { version, entry }, items);
    } else if (kind === CERTIFICATE) addCertificate(reader, { version, entry }, items);
    else if (kind === SECRET_KEY) skipSerialized(reader);
    else throw new FormatError("bad_keystore", `its entry ${entry} is corrupted`);
  }
}

function addCertificate(
  reader: ByteReader,
  { version, entry }: { version: number; entry: number },
  items: FoundItem[],
): void {
  if (version === 2) skipShort(reader);
  items.push({ kind: "certificate", der: reader.take(reader.uint32()), where: `entry ${entry} of the key store` });
}

/** Passes over a text with its length in front. */
const skipShort = (reader: ByteReader): void => reader.skip(reader.uint16());

function checkDigest(reader: ByteReader, passphrases: readonly string[]): void {
  const body = reader.passed();
  const expected = reader.take(DIGEST_BYTES);
  if (passphrases.length === 0) return;
  const fits = [...passphrases, ""].some((words) => timingSafeEqual(digest(words, body), expected));
  if (!fits) {
    const what = "no passphrase fits its checksum, or it was changed; its certificates were read unchecked";
    throw new FormatError("wrong_passphrase", what);
  }
}

const digest = (words: string, body: Uint8Array): Uint8Array =>
  createHash("sha1").update(Buffer.from(words, "utf16le").swap16()).update("Mighty Aphrodite").update(body).digest();
