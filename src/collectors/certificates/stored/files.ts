import { basename } from "node:path";
import { minutes } from "../../../core/duration.ts";
import { CollectError } from "../../../core/errors.ts";
import type { Secret } from "../../../core/secret.ts";
import type { ReadResult } from "../certificate.ts";
import { passphrasePair, type CertificatesConfig } from "../config.ts";
import { expiryOf } from "../expiry.ts";
import type { Bundle, SourceReading, StoredSource } from "../inventory.ts";
import type { CertificateReader } from "../x509/certificate-reader.ts";
import { FileMemory } from "./file-memory.ts";
import { findFiles, isToldOf, type FoundFile } from "./find-files.ts";
import { isKeyStore, Passphrase } from "./passphrase.ts";

type Entry = CertificatesConfig["files"][number];

/** The largest file that is read, in bytes. */
export const MOST_BYTES = 16 * 1024 * 1024;

interface Content {
  readonly result: ReadResult;
  /** With what it was tried to be opened. */
  readonly passphrase: Secret | undefined;
}

/** Certificates in files of this machine. Only those that changed since the last look are opened. */
export function openFiles(entry: Entry, reader: Pick<CertificateReader, "read">): StoredSource {
  let passphrase = new Passphrase({});
  const memory = new FileMemory<Content>({
    mostBytes: MOST_BYTES,
    make: (bytes) => readContent(reader, bytes, passphrase),
    holds: async (made) => !isRefused(made.result) || isSame(made.passphrase, await passphrase.get()),
  });
  const expiry = expiryOf(entry);
  return {
    kind: "file",
    name: entry.paths.join(", "),
    every: minutes(1),
    async read(signal) {
      passphrase = new Passphrase(passphrasePair.source(entry));
      const { files, missing } = await findFiles(entry.paths, signal);
      const contents = await memory.read(files, signal);
      const reading = sortOut(files, contents);
      const { error } = passphrase;
      return {
        bundles: expiry === undefined ? reading.bundles : reading.bundles.map((bundle) => ({ ...bundle, expiry })),
        missing: [...missing, ...reading.missing, ...(error === undefined ? [] : [{ piece: "passphrase", error }])],
      };
    },
    close: () => Promise.resolve(),
  };
}

async function readContent(
  reader: Pick<CertificateReader, "read">,
  bytes: Uint8Array | undefined,
  passphrase: Passphrase,
): Promise<Content> {
  if (bytes === undefined) return { result: TOO_LARGE, passphrase: undefined };
  const secret = isKeyStore(bytes) ? await passphrase.get() : undefined;
  return {
    result: await reader.read(bytes, { passphrases: secret === undefined ? [] : [secret] }),
    passphrase: secret,
  };
}

const TOO_LARGE: ReadResult = {
  certificates: [],
  revocationLists: [],
  faults: [{ reason: "too_large", detail: `more than ${MOST_BYTES} bytes` }],
};

const isRefused = ({ faults }: ReadResult): boolean => faults.some(({ reason }) => reason === "wrong_passphrase");
const isSame = (a: Secret | undefined, b: Secret | undefined): boolean => a?.reveal() === b?.reveal();

function sortOut(files: readonly FoundFile[], contents: readonly (Content | CollectError)[]): SourceReading {
  const bundles: Bundle[] = [];
  const missing: { piece: string; error: CollectError }[] = [];
  for (const [index, file] of files.entries()) {
    const content = contents[index];
    if (content instanceof CollectError) {
      if (isToldOf(file.path, file.by, content)) missing.push({ piece: file.path, error: content });
    } else if (content !== undefined && isOfInterest(file, content.result)) {
      const place = { filename: basename(file.path), filepath: file.path };
      bundles.push({ kind: "file", place, where: file.path, ...content.result });
    }
  }
  return { bundles, missing };
}

/**
 * Files that nobody named may be anything: of those without a certificate, only what was meant to hold some is told.
 */
function isOfInterest({ by }: FoundFile, { certificates, revocationLists, faults }: ReadResult): boolean {
  if (by === "name" || certificates.length > 0 || revocationLists.length > 0) return true;
  return faults.some(({ reason }) => reason !== "no_certificate" && (reason !== "too_large" || by === "pattern"));
}
