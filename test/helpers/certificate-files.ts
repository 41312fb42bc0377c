import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach } from "vitest";
import type { Secret } from "../../src/core/secret.ts";
import { createAuthority } from "../../src/lab/certificates.ts";
import type { ReadResult } from "../../src/collectors/certificates/certificate.ts";
import type { SourceReading } from "../../src/collectors/certificates/inventory.ts";
import { CertificateReader } from "../../src/collectors/certificates/x509/certificate-reader.ts";
import { createTemporaryFolder, type TemporaryFolder } from "./janitor.ts";

/** Reads as the pack does, and counts. */
export function countingReader() {
  const reader = new CertificateReader();
  const seen = { calls: 0, running: 0, mostAtOnce: 0 };
  const read = async (bytes: Uint8Array, options?: { passphrases?: readonly Secret[] }): Promise<ReadResult> => {
    seen.calls += 1;
    seen.running += 1;
    seen.mostAtOnce = Math.max(seen.mostAtOnce, seen.running);
    const result = await reader.read(bytes, options);
    await turn();
    seen.running -= 1;
    return result;
  };
  return { read, seen };
}

/** Gives each test an empty folder, and all of them PEM of an authority and of leaves for nas.lan and mail.lan. */
export function testFiles() {
  const folders: TemporaryFolder[] = [];
  const files = {
    root: "",
    authority: "",
    nas: "",
    mail: "",
    key: "",
    at: (path: string): string => join(files.root, path),
    async put(path: string, content: string | Uint8Array): Promise<void> {
      await mkdir(join(files.at(path), ".."), { recursive: true });
      await writeFile(files.at(path), content);
    },
    /** The path from the folder of the test. */
    short: (path: string | undefined): string => path?.replace(`${files.root}/`, "") ?? "",
    placesOf: ({ bundles }: SourceReading) => bundles.map(({ place }) => files.short(place.filepath)),
    missingOf: ({ missing }: SourceReading) => missing.map(({ piece, error }) => [files.short(piece), error.reason]),
  };
  beforeAll(async () => {
    const authority = await createAuthority();
    files.authority = authority.certificatePem;
    ({ certificatePem: files.nas, keyPem: files.key } = await authority.issue({ hosts: ["nas.lan"] }));
    ({ certificatePem: files.mail } = await authority.issue({ hosts: ["mail.lan"] }));
  });
  beforeEach(async () => {
    const folder = await createTemporaryFolder("stored-files");
    folders.push(folder);
    files.root = folder.path;
  });
  afterAll(async () => {
    await Promise.all(folders.map((folder) => folder.remove()));
  });
  return files;
}

/** The DNS names of everything that was found. */
export const hostsOf = ({ bundles }: SourceReading): readonly string[] =>
  bundles.flatMap(({ certificates }) => certificates.flatMap(({ dnsNames }) => dnsNames));

/** A signal that nobody aborts. */
export const signal = new AbortController().signal;
