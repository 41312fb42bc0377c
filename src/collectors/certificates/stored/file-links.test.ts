import { link, mkdir, rename, symlink } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { countingReader, hostsOf, signal, testFiles } from "../../../../test/helpers/certificate-files.ts";
import { openFiles } from "./files.ts";

const files = testFiles();

function open(paths: readonly string[]) {
  const { read, seen } = countingReader();
  const source = openFiles({ paths: paths.map(files.at) }, { read });
  return { seen, look: () => source.read(signal) };
}

describe("links", () => {
  it("lead to a file once: by the name that stays when the file is replaced, not by OpenSSL's", async () => {
    await files.put("letsencrypt/archive/nas/cert3.pem", files.nas);
    await mkdir(files.at("letsencrypt/live/nas"), { recursive: true });
    await symlink("../../archive/nas/cert3.pem", files.at("letsencrypt/live/nas/cert.pem"));
    await files.put("share/Lab_CA.crt", files.authority);
    await mkdir(files.at("certs"));
    await symlink("../share/Lab_CA.crt", files.at("certs/Lab_CA.pem"));
    await symlink("Lab_CA.pem", files.at("certs/0a1b2c3d.0"));
    await files.put("hard/b.pem", files.mail);
    await link(files.at("hard/b.pem"), files.at("hard/a.pem"));
    const { look, seen } = open(["letsencrypt", "certs", "hard", "certs/*.pem"]);
    expect(files.placesOf(await look())).toEqual(["certs/Lab_CA.pem", "hard/a.pem", "letsencrypt/live/nas/cert.pem"]);
    expect(seen.calls).toBe(3);
  });

  it("keep the name that was asked for", async () => {
    await files.put("certs/nas.pem", files.nas);
    await mkdir(files.at("etc/deep/er"), { recursive: true });
    await symlink(files.at("certs/nas.pem"), files.at("etc/deep/er/0a1b2c3d.0"));
    expect(files.placesOf(await open(["certs", "etc/deep/er/0a1b2c3d.0"]).look())).toEqual(["etc/deep/er/0a1b2c3d.0"]);
  });

  it("of a mounted Secret are given once, and its next version at once", async () => {
    await files.put("mount/..2026_01_01/tls.crt", files.nas);
    await symlink("..2026_01_01", files.at("mount/..data"));
    await symlink("..data/tls.crt", files.at("mount/tls.crt"));
    const { look, seen } = open(["mount"]);
    expect(files.placesOf(await look())).toEqual(["mount/tls.crt"]);
    await files.put("mount/..2026_02_02/tls.crt", files.mail);
    await symlink("..2026_02_02", files.at("mount/..data_tmp"));
    await rename(files.at("mount/..data_tmp"), files.at("mount/..data"));
    const reading = await look();
    expect(files.placesOf(reading)).toEqual(["mount/tls.crt"]);
    expect(hostsOf(reading)).toEqual(["mail.lan"]);
    expect(seen.calls).toBe(2);
    expect(files.placesOf(await open(["mo*/*", "mo*/**"]).look())).toEqual(["mount/tls.crt"]);
  });

  it("that lead in a circle, out of a folder or nowhere do no harm; of a pattern's the last are told", async () => {
    await files.put("folder/nas.pem", files.nas);
    await files.put("outside/mail.pem", files.mail);
    await symlink("..", files.at("folder/up"));
    await symlink("../outside", files.at("folder/out"));
    await symlink("circle.pem", files.at("folder/circle.pem"));
    await symlink("gone.pem", files.at("folder/nowhere.pem"));
    await symlink("gone.pem", files.at("named.pem"));
    const reading = await open(["folder", "named.pem"]).look();
    expect(files.placesOf(reading)).toEqual(["folder/nas.pem"]);
    expect(files.missingOf(reading)).toEqual([["named.pem", "not_found"]]);
    expect(files.placesOf(await open(["folder/*/*.pem"]).look())).toEqual(["folder/out/mail.pem"]);
    expect(files.missingOf(await open(["folder/**/*.pem"]).look())).toEqual([
      ["folder/circle.pem", "not_found"],
      ["folder/nowhere.pem", "not_found"],
    ]);
  });
});
