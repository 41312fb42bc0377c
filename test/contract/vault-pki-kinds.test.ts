import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { certificatesConfig } from "../../src/collectors/certificates/config.ts";
import type { SourceReading, StoredSource } from "../../src/collectors/certificates/inventory.ts";
import { renderPkiPolicy } from "../../src/collectors/certificates/stored/vault-permissions.ts";
import { openVaultPki } from "../../src/collectors/certificates/stored/vault-pki.ts";
import { CertificateReader } from "../../src/collectors/certificates/x509/certificate-reader.ts";
import { days, hours } from "../../src/core/duration.ts";
import type { LabPki, VaultLab, VaultLabOptions } from "../../src/lab/vault/contract.ts";
import { startVaultLab } from "../../src/lab/vault/vault-lab.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";

const WITHOUT_LOGIN = { auth: undefined, list: "none" };

/** What no real server can be made to do within a test, or what only Vault has. */
describe("the source of PKI secrets engines, and other kinds of servers and certificates", () => {
  async function start(options: VaultLabOptions = {}, more: object = {}) {
    const lab = await startVaultLab(options);
    const folder = await createTemporaryFolder("pki-kinds");
    await writeFile(join(folder.path, "ca.pem"), lab.caPem);
    const pki = await lab.mountPki("pki", { issuer: "lab-root" });
    lab.writePolicy("pki", renderPkiPolicy());
    const token = lab.createToken({ policies: ["pki"], ttl: 3600 });
    const entry = {
      nodes: lab.nodes.map(({ url }) => url),
      ca_file: join(folder.path, "ca.pem"),
      auth: { method: "token", token },
      list: "all",
      ...more,
    };
    const [parsed] = certificatesConfig.parse({ name: "test", vault: [entry] }).vault;
    if (parsed === undefined) throw new Error("the configuration has an entry");
    const source = openVaultPki(parsed, new CertificateReader());
    onTestFinished(async () => {
      await source.close();
      await lab.close();
      await folder.remove();
    });
    return { lab, pki, source };
  }

  const read = (source: StoredSource): Promise<SourceReading> => source.read(AbortSignal.timeout(20_000));
  const places = ({ bundles }: SourceReading): string[] => bundles.map(({ place }) => place.pki ?? "");
  /** Paths that were asked for below the mount, at whichever node. */
  const asked = (lab: VaultLab, below: string): string[] =>
    lab.nodes.flatMap(({ requests }) =>
      requests.map(({ path }) => path).filter((path) => path.startsWith(`/v1/pki/${below}`)),
    );
  const ended = (pki: LabPki, commonName: string, life: number, ago: number): Promise<string> =>
    pki.issue({ commonName, life: hours(life), notBefore: new Date(Date.now() - hours(life) - hours(ago)) });

  it("reads the one authority and list of a Vault before 1.11, and what it issued", async () => {
    const { pki, source } = await start({ flavour: "vault", version: "1.10.11" });
    const serial = await pki.issue({ commonName: "old.lan" });
    const reading = await read(source);
    expect(reading.missing).toEqual([]);
    expect(places(reading)).toEqual(["pki/ca", "pki/crl", `pki/cert/${serial}`]);
    expect(reading.bundles[0]).toMatchObject({ where: "authority of pki in vault", kind: "vault-pki" });
  });

  it("asks for each issued certificate once, of Vault as of OpenBao", async () => {
    const { lab, pki, source } = await start({ flavour: "vault" });
    const serials = await Promise.all(Array.from({ length: 30 }, (_, i) => pki.issue({ commonName: `${i}.lan` })));
    const first = await read(source);
    expect(first.missing).toEqual([]);
    expect(places(first)).toEqual(expect.arrayContaining(serials.map((serial) => `pki/cert/${serial}`)));
    const one = await pki.issue({ commonName: "one-more.lan" });
    expect(places(await read(source))).toContain(`pki/cert/${one}`);
    // the root's own is listed too
    expect(asked(lab, "cert/").length).toBe(30 + 1 + 1);
    expect(new Set(asked(lab, "cert/")).size).toBe(30 + 1 + 1);
  });

  it("learns from the detailed list of OpenBao which certificates ended long ago, and does not ask for them", async () => {
    const { lab, pki, source } = await start();
    await Promise.all(Array.from({ length: 25 }, (_, i) => ended(pki, `gone-${i}.lan`, 1, 24 * 8)));
    const alive = await pki.issue({ commonName: "alive.lan" });
    const reading = await read(source);
    expect(reading.missing).toEqual([]);
    expect(places(reading)).toEqual(["pki/issuer/lab-root", "pki/issuer/lab-root/crl", `pki/cert/${alive}`]);
    expect(asked(lab, "cert/")).toHaveLength(2);
    await read(source);
    expect(asked(lab, "certs/detailed")).toHaveLength(1);
  });

  it("shows a certificate that ended as long again as it lived, and a week at most", async () => {
    const { pki, source } = await start();
    const shown = [await ended(pki, "day.lan", 24, 20), await ended(pki, "year.lan", 24 * 365, 24 * 6)];
    await ended(pki, "day-ago.lan", 24, 30);
    await ended(pki, "year-ago.lan", 24 * 365, 24 * 8);
    const reading = await read(source);
    expect(
      places(reading)
        .filter((place) => place.includes("/cert/"))
        .toSorted(),
    ).toEqual(shown.map((serial) => `pki/cert/${serial}`).toSorted());
  });

  it("tells certificates apart by subject and by alternative names, whatever their order", async () => {
    const { pki, source } = await start();
    const wish = { commonName: "a.lan", hosts: ["a.lan", "b.lan"] };
    await pki.issue(wish);
    const newest = await pki.issue({ ...wish, hosts: ["b.lan", "a.lan"], life: hours(30) });
    const others = [await pki.issue({ ...wish, hosts: ["a.lan"] }), await pki.issue({ ...wish, commonName: "b.lan" })];
    const shown = places(await read(source)).filter((place) => place.includes("/cert/"));
    expect(shown.toSorted()).toEqual([newest, ...others].map((serial) => `pki/cert/${serial}`).toSorted());
  });

  it("forgets what was tidied away", async () => {
    const { pki, source } = await start();
    const serial = await pki.issue({ commonName: "tidied.lan" });
    expect(places(await read(source))).toContain(`pki/cert/${serial}`);
    pki.forget(serial);
    expect(places(await read(source))).not.toContain(`pki/cert/${serial}`);
  });

  it("hands on how long before its end the configuration warns", async () => {
    const { pki, source } = await start({}, { warning_before: "30d" });
    await pki.issue({ commonName: "a.lan" });
    const { bundles } = await read(source);
    expect(bundles.map(({ expiry }) => expiry)).toEqual(bundles.map(() => ({ warningBefore: days(30) })));
  });

  it("asks another node when one is sealed or shows a login page, and says what is wrong when all are", async () => {
    const { lab, source } = await start({ nodes: 3, electionDelay: 0 });
    const [first, second, third] = lab.nodes;
    await third?.setFault({ kind: "html" });
    second?.seal();
    expect((await read(source)).missing).toEqual([]);
    first?.seal();
    await expect(read(source)).rejects.toMatchObject({ reason: expect.stringMatching(/sealed|invalid_response/) });
  });

  it("goes on asking the node that answered", async () => {
    const { lab, source } = await start();
    await lab.nodes[0]?.setFault({ kind: "html" });
    await read(source);
    const asked = lab.nodes[0]?.requests.length;
    expect(asked).toBeGreaterThan(0);
    expect((await read(source)).missing).toEqual([]);
    expect(lab.nodes[0]?.requests).toHaveLength(asked ?? 0);
  });

  it("does not ask for the list of an issuer whose key is elsewhere", async () => {
    const { lab, source } = await start({}, { ...WITHOUT_LOGIN, mounts: ["pki", "below"] });
    await lab.mountPki("below", { issuer: "lab-issuing", parent: "pki" });
    expect((await read(source)).missing).toEqual([]);
    const lists = lab.nodes.flatMap(({ requests }) => requests.filter(({ path }) => path.endsWith("/crl")));
    expect(lists.filter(({ path }) => path.includes("/issuer/"))).toHaveLength(2);
  });

  it("shows once the list that several issuers with one key share", async () => {
    const { pki, source } = await start({}, WITHOUT_LOGIN);
    await pki.reissue("lab-root-again");
    expect(places(await read(source))).toEqual([
      "pki/issuer/lab-root",
      "pki/issuer/lab-root/crl",
      "pki/issuer/lab-root-again",
    ]);
  });

  it("leaves out what was revoked before it was read when the list of those may not be seen", async () => {
    const { lab, pki, source } = await start();
    lab.writePolicy("pki", renderPkiPolicy().replace(/path "pki\/certs\/revoked" \{[^}]*\}/, ""));
    const serial = await pki.issue({ commonName: "a.lan" });
    await pki.revoke(serial);
    const { missing, bundles } = await read(source);
    expect(missing).toMatchObject([{ piece: "pki/certs/revoked", error: { reason: "forbidden" } }]);
    expect(bundles).toHaveLength(2);
  });

  it("names the issuer that can not be read, and reads the others", async () => {
    const { lab, source } = await start({ nodes: 1 }, WITHOUT_LOGIN);
    await read(source);
    const path = asked(lab, "issuer/").find((each) => each.endsWith("/json")) ?? "";
    for (const [fault, reason] of [
      [{ kind: "status", status: 500 }, "server_error"],
      [{ kind: "empty_object" }, "unexpected_shape"],
    ] as const) {
      await lab.nodes[0]?.setFault({ ...fault, path });
      const { missing, bundles } = await read(source);
      expect(missing).toMatchObject([{ piece: "pki/issuer/lab-root", error: { reason } }]);
      expect(places({ bundles, missing })).toEqual(["pki/issuer/lab-root/crl"]);
    }
  });

  it("ends when it is told to", async () => {
    const { lab, source } = await start({ nodes: 1 }, WITHOUT_LOGIN);
    await lab.nodes[0]?.setFault({ kind: "hang" });
    const controller = new AbortController();
    const reading = source.read(controller.signal);
    controller.abort(new DOMException("stopped", "AbortError"));
    await expect(reading).rejects.toMatchObject({ name: "AbortError" });
  });

  it("shows what it can when the token has lost its rights, and everything again when they are back", async () => {
    const { lab, pki, source } = await start();
    const serial = await pki.issue({ commonName: "a.lan" });
    await read(source);
    lab.withdrawPolicies(true);
    const without = await read(source);
    expect(without.missing).toMatchObject([{ piece: "login to vault" }]);
    expect(places(without)).toEqual(["pki/issuer/lab-root", "pki/issuer/lab-root/crl"]);
    lab.withdrawPolicies(false);
    expect(places(await read(source))).toContain(`pki/cert/${serial}`);
    expect(asked(lab, `cert/${serial}`)).toHaveLength(1);
  });
});
