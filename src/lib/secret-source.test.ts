import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Secret } from "../core/secret.ts";
import { readSecret } from "./secret-source.ts";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "secret-source-"));
  file = join(folder, "token");
});
afterEach(() => rm(folder, { recursive: true }));

describe("readSecret", () => {
  it("gives the configured value as it is", async () => {
    expect((await readSecret({ value: new Secret(" spaces stay ") })).reveal()).toBe(" spaces stay ");
  });

  it.each(["t0ken", "t0ken\n", "t0ken\r\n", "\ufefft0ken \n\n"])(
    "reads a file's text without what surrounds it: %j",
    async (text) => {
      await writeFile(file, text);
      expect((await readSecret({ file })).reveal()).toBe("t0ken");
    },
  );

  it("keeps the lines of a key", async () => {
    await writeFile(file, "one\ntwo words\n");
    expect((await readSecret({ file })).reveal()).toBe("one\ntwo words");
  });

  it("reads the file anew each time, also behind a link, and before a value", async () => {
    const link = join(folder, "link");
    await symlink(file, link);
    await writeFile(file, "first");
    const source = { file: link, value: new Secret("value") };
    expect((await readSecret(source)).reveal()).toBe("first");
    await writeFile(file, "second");
    expect((await readSecret(source)).reveal()).toBe("second");
  });

  it("names the path and the cause of an unreadable file", async () => {
    const missing = join(folder, "missing");
    await writeFile(file, " \n");
    const large = join(folder, "large");
    await writeFile(large, Buffer.alloc(1024 * 1024 + 1, "x"));
    const cases: [string, string][] = [
      [missing, "ENOENT"],
      [join(file, "below"), "ENOTDIR"],
      [folder, "it is not a file"],
      ["/dev/zero", "it is not a file"],
      [file, "it is empty"],
      [large, "it is larger than 1048576 bytes"],
    ];
    for (const [path, why] of cases) {
      await expect(readSecret({ file: path })).rejects.toMatchObject({
        reason: "credential_unreadable",
        message: `the credential file ${path} is not usable: ${why}`,
      });
    }
  });

  it("says what the system says of a file that it can not open", async () => {
    await symlink(file, file);
    await expect(readSecret({ file })).rejects.toThrow(/: ELOOP$/);
  });

  it("refuses a source with nothing in it", async () => {
    for (const source of [{}, { value: new Secret("") }]) {
      await expect(readSecret(source)).rejects.toMatchObject({ reason: "credential_unreadable" });
    }
  });
});
