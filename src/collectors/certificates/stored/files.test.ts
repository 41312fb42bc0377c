import { execFileSync } from "node:child_process";
import { chmod, mkdir, rename, rm, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { days } from "../../../core/duration.ts";
import { Secret } from "../../../core/secret.ts";
import type { ReadResult } from "../certificate.ts";
import { countingReader, hostsOf, signal, testFiles } from "../../../../test/helpers/certificate-files.ts";
import { MOST_BYTES, openFiles } from "./files.ts";

const files = testFiles();

/** Of every system; as a constant, since knip wants a package for each program that it sees called. */
const MKFIFO = "mkfifo";

/** A source of paths below the folder of the test. */
function open(paths: readonly string[], more: Partial<Parameters<typeof openFiles>[0]> = {}) {
  const { read, seen } = countingReader();
  const source = openFiles({ paths: paths.map(files.at), ...more }, { read });
  return { source, seen, look: () => source.read(signal) };
}

describe("files", () => {
  it("are found by name, by pattern and below folders, with whatever name they have", async () => {
    await files.put("named.pem", files.nas);
    await files.put("etc/nginx/deep/.hidden/site.conf", `# nginx\n${files.nas}`);
    await files.put("certs/a.crt", files.mail);
    await files.put("certs/b.txt", files.mail);
    await files.put("certs/.dot.crt", files.mail);
    await files.put("odd [1] (x).pem", files.nas);
    const { source, look } = open(["named.pem", "etc", "certs/*.crt", "odd [1] (x).pem"]);
    const reading = await look();
    expect(files.placesOf(reading)).toEqual([
      "certs/a.crt",
      "etc/nginx/deep/.hidden/site.conf",
      "named.pem",
      "odd [1] (x).pem",
    ]);
    expect(reading.missing).toEqual([]);
    expect(reading.bundles[2]).toMatchObject({
      kind: "file",
      place: { filename: "named.pem", filepath: files.at("named.pem") },
      where: files.at("named.pem"),
      certificates: [{ dnsNames: ["nas.lan"] }],
      faults: [],
    });
    expect(source).toMatchObject({ kind: "file", every: 60_000 });
    expect(source.name.split(", ").map((path) => basename(path))).toEqual([
      "named.pem",
      "etc",
      "*.crt",
      "odd [1] (x).pem",
    ]);
  });

  it("without a certificate are a fault only where they are named", async () => {
    await files.put("ssl/nas.pem", files.nas);
    await files.put("ssl/nas.key", files.key);
    await files.put("ssl/README", "no certificates here");
    await files.put("ssl/empty", "");
    await files.put("ssl/broken.pem", files.nas.replace("-----END CERTIFICATE-----", ""));
    const reading = await open(["ssl", "ssl/*", "ssl/nas.key"]).look();
    expect(reading.bundles.map(({ place, faults }) => [place.filename, faults.map(({ reason }) => reason)])).toEqual([
      ["broken.pem", ["bad_pem"]],
      ["nas.key", ["no_certificate"]],
      ["nas.pem", []],
    ]);
  });

  it("that are missing are told each time, and come and go", async () => {
    const { look } = open(["nas.pem", "none/*.pem", "mail.pem"]);
    await files.put("mail.pem", files.mail);
    const before = await look();
    expect(files.placesOf(before)).toEqual(["mail.pem"]);
    expect(files.missingOf(before)).toEqual([
      ["nas.pem", "not_found"],
      ["none/*.pem", "not_found"],
    ]);
    expect(before.missing[0]?.error.message).toBe(
      `${files.at("nas.pem")}: there is no such file, or it is a link to one that is gone`,
    );
    await files.put("nas.pem", files.nas);
    await files.put("none/a.pem", files.mail);
    expect(files.missingOf(await look())).toEqual([]);
    await rm(files.at("mail.pem"));
    const after = await look();
    expect(files.placesOf(after)).toEqual(["nas.pem", "none/a.pem"]);
    expect(files.missingOf(after)).toEqual([["mail.pem", "not_found"]]);
  });

  it("that are too large are told, unless they only stand in a folder", async () => {
    for (const name of ["named.crl", "glob/a.pem", "folder/database"]) {
      await files.put(name, files.nas);
      await truncate(files.at(name), MOST_BYTES + 1);
    }
    const { look, seen } = open(["named.crl", "glob/*.pem", "folder"]);
    const { bundles } = await look();
    expect(bundles.map(({ place, faults }) => [place.filename, faults[0]?.reason])).toEqual([
      ["a.pem", "too_large"],
      ["named.crl", "too_large"],
    ]);
    expect(seen.calls).toBe(0);
  });

  it("carry the ends that the configuration wants to be warned of", async () => {
    await files.put("nas.pem", files.nas);
    const reading = await open(["nas.pem"], { warning_before: days(20) }).look();
    expect(reading.bundles[0]?.expiry).toEqual({ warningBefore: days(20) });
  });
});

describe("a file", () => {
  it("is opened again only when it changed, even when size and time are the same", async () => {
    await files.put("nas.pem", files.nas.padEnd(4_000));
    await files.put("mail.pem", files.mail);
    const { look, seen } = open([""]);
    await look();
    await look();
    expect(seen.calls).toBe(2);

    const { atime, mtime } = await stat(files.at("nas.pem"));
    await files.put("new", files.mail.padEnd(4_000));
    await utimes(files.at("new"), atime, mtime);
    await rename(files.at("new"), files.at("nas.pem"));
    expect(hostsOf(await look())).toEqual(["mail.lan", "mail.lan"]);
    expect(seen.calls).toBe(3);
  });

  it("that is neither file nor folder is not opened, which would wait for ever", async () => {
    execFileSync(MKFIFO, [files.at("fifo")]);
    await mkdir(files.at("folder"));
    const server = createServer().listen(files.at("folder/socket"));
    try {
      const reading = await open(["fifo", "folder"]).look();
      expect(files.missingOf(reading)).toEqual([["fifo", "not_found"]]);
      expect(reading.missing[0]?.error.message).toContain("it is neither a file nor a folder");
    } finally {
      server.close();
    }
  });

  it("that never ends as it began is told", async () => {
    // the system says that its files have no bytes
    const reading = await openFiles({ paths: ["/proc/self/status"] }, countingReader()).read(signal);
    expect(reading.missing.map(({ error }) => [error.reason, error.message])).toEqual([
      ["invalid_response", "/proc/self/status: it was changed each time while it was read; it is read again soon"],
    ]);
  });

  it("that may not be read is told, but for private keys that nobody named", async () => {
    await files.put("ssl/nas.pem", files.nas);
    await files.put("ssl/secret.pem", files.mail);
    await files.put("ssl/nas.key", files.key);
    await files.put("named.key", files.key);
    await files.put("closed/a.pem", files.nas);
    for (const path of ["ssl/secret.pem", "ssl/nas.key", "named.key", "closed"]) await chmod(files.at(path), 0);
    await chmod(files.root, 0o755);
    const reading = await asNobody(() => open(["ssl", "named.key", "closed", "closed/*.pem"]).look());
    await chmod(files.at("closed"), 0o700);
    expect(files.placesOf(reading)).toEqual(["ssl/nas.pem"]);
    expect(files.missingOf(reading)).toEqual([
      ["closed", "forbidden"],
      ["closed", "forbidden"],
      ["named.key", "forbidden"],
      ["ssl/secret.pem", "forbidden"],
    ]);
  });
});

/** Root may read everything, so that a test that root runs steps back for a moment. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

describe("a key store", () => {
  const STORE = Buffer.from([0x30, 0x82, 0x00, 0x06, 0x02, 0x01, 0x03, 0x30, 0x01, 0x00]);

  /** A store that opens with one passphrase. */
  function locked(right: string) {
    const tried: (string | undefined)[] = [];
    const read = (
      _: Uint8Array,
      { passphrases = [] }: { passphrases?: readonly Secret[] } = {},
    ): Promise<ReadResult> => {
      tried.push(passphrases[0]?.reveal());
      const isOpen = passphrases.some((one) => one.reveal() === right);
      const faults = isOpen ? [] : [{ reason: "wrong_passphrase" as const, detail: "" }];
      return Promise.resolve({ certificates: [], revocationLists: [], faults });
    };
    return { read, tried };
  }

  it("is opened with the passphrase, which is read anew; a refused one is tried once", async () => {
    await files.put("store.p12", STORE);
    await files.put("passphrase", "old\n");
    const { read, tried } = locked("new");
    const source = openFiles({ paths: [files.root], passphrase_file: files.at("passphrase") }, { read });
    const first = await source.read(signal);
    expect(first.bundles.map(({ faults }) => faults.map(({ reason }) => reason))).toContainEqual(["wrong_passphrase"]);
    await source.read(signal);
    expect(tried.filter((each) => each !== undefined)).toEqual(["old"]);
    await files.put("passphrase", "new\n");
    await source.read(signal);
    await source.read(signal);
    expect(tried.filter((each) => each !== undefined)).toEqual(["old", "new"]);
  });

  it("whose passphrase can not be had is told, and so is why; other files do not need it", async () => {
    await files.put("nas.pem", files.nas);
    const more = { passphrase_file: files.at("nothing") };
    expect((await open(["nas.pem"], more).look()).missing).toEqual([]);
    await files.put("store.jks", Buffer.from("feedfeed00000002000000000000", "hex"));
    const { read, tried } = locked("any");
    const reading = await openFiles({ paths: [files.at("store.jks")], ...more }, { read }).read(signal);
    expect(reading.bundles[0]?.faults).toMatchObject([{ reason: "wrong_passphrase" }]);
    expect(files.missingOf(reading)).toEqual([["passphrase", "credential_unreadable"]]);
    expect(tried).toEqual([undefined]);
  });

  it("may have its passphrase in the configuration", async () => {
    await files.put("store.p12", STORE);
    const { read } = locked("s3cret");
    const entry = { paths: [files.at("store.p12")], passphrase: new Secret("s3cret") };
    expect((await openFiles(entry, { read }).read(signal)).bundles[0]?.faults).toEqual([]);
  });
});

describe("a folder of 10,000 files", () => {
  it("is read a few at once, and only once; a look can be ended", async () => {
    for (let folder = 0; folder < 100; folder++) {
      await mkdir(files.at(`f${folder}`));
      await Promise.all(
        Array.from({ length: 100 }, (_, file) => writeFile(files.at(`f${folder}/${file}.pem`), files.nas)),
      );
    }
    const { source, look, seen } = open([""]);
    expect((await look()).bundles).toHaveLength(10_000);
    expect(seen).toMatchObject({ calls: 10_000, running: 0 });
    expect(seen.mostAtOnce).toBeLessThanOrEqual(8);
    expect((await look()).bundles).toHaveLength(10_000);
    expect(seen.calls).toBe(10_000);
    const ended = new AbortController();
    const work = source.read(ended.signal);
    ended.abort(new Error("enough"));
    await expect(work).rejects.toThrow("enough");
  }, 60_000);
});
