import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { certificatesConfig } from "../../src/collectors/certificates/config.ts";
import type { Bundle, SourceReading, StoredSource } from "../../src/collectors/certificates/inventory.ts";
import { renderPkiPolicy } from "../../src/collectors/certificates/stored/vault-permissions.ts";
import { openVaultPki } from "../../src/collectors/certificates/stored/vault-pki.ts";
import { CertificateReader } from "../../src/collectors/certificates/x509/certificate-reader.ts";
import { CollectError } from "../../src/core/errors.ts";
import { freePorts } from "../helpers/free-ports.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";

/**
 * A cluster over TLS, emulated or real, with two PKI secrets engines: `root`, whose issuer `lab-root` signed itself,
 * and `pki`, whose issuer `lab-issuing` was signed by it; the root stands in `pki` too, without a name and its key.
 */
export interface PkiCluster {
  readonly urls: readonly string[];
  readonly caPem: string;
  /** Issues a leaf at `pki`, of 24 hours unless told otherwise, and gives its serial number. */
  issue(commonName: string, hours?: number): Promise<string>;
  revoke(serial: string): Promise<void>;
  /** Makes a new revocation list of `pki`. */
  rotate(): Promise<void>;
  configure(settings: { readonly disable: boolean; readonly enableDelta: boolean }): Promise<void>;
  writePolicy(name: string, policy: string): Promise<void>;
  createToken(policies: readonly string[]): Promise<string>;
  revokeToken(token: string): Promise<void>;
  close(): Promise<void>;
}

const DAY = 86_400;
const timeout = () => AbortSignal.timeout(20_000);

/** What the source promises of every Vault and OpenBao: the same tests run against the emulated and the real one. */
export function describePkiContract(startCluster: () => Promise<PkiCluster>): void {
  describe("the source of PKI secrets engines", () => {
    let cluster: PkiCluster;
    let folder: TemporaryFolder;
    let caFile: string;
    let deadNode: string;

    beforeAll(async () => {
      cluster = await startCluster();
      folder = await createTemporaryFolder("pki");
      caFile = join(folder.path, "ca.pem");
      await writeFile(caFile, cluster.caPem);
      deadNode = `https://127.0.0.1:${(await freePorts(1))[0]}`;
      await cluster.writePolicy("pki", renderPkiPolicy());
    });
    afterAll(async () => {
      await cluster?.close();
      await folder?.remove();
    });

    const open = (more: object = {}): StoredSource => {
      const entry = { nodes: [deadNode, ...cluster.urls], ca_file: caFile, mounts: ["root", "pki"], ...more };
      const [parsed] = certificatesConfig.parse({ name: "test", vault: [entry] }).vault;
      if (parsed === undefined) throw new Error("the configuration has an entry");
      const source = openVaultPki(parsed, new CertificateReader());
      onTestFinished(() => source.close());
      return source;
    };
    const withToken = (token: string): StoredSource =>
      open({ mounts: ["pki"], auth: { method: "token", token }, list: "all" });
    const withPolicies = async (...policies: string[]): Promise<StoredSource> =>
      withToken(await cluster.createToken(policies));

    it("reads issuers and revocation lists without a token, from the node that answers", async () => {
      const reading = await open().read(timeout());
      expect(reading.missing).toEqual([]);
      const unnamed = places(reading).find((place) => /^pki\/issuer\/[0-9a-f-]{36}$/.test(place));
      expect(places(reading).toSorted()).toEqual(
        [
          "pki/issuer/lab-issuing",
          "pki/issuer/lab-issuing/crl",
          unnamed,
          "root/issuer/lab-root",
          "root/issuer/lab-root/crl",
        ].toSorted(),
      );
      expect(only(reading, "root/issuer/lab-root")).toMatchObject({ subject: { CN: "lab-root" }, role: "root" });
      expect(only(reading, "pki/issuer/lab-issuing")).toMatchObject({
        subject: { CN: "lab-issuing" },
        issuer: { CN: "lab-root" },
        role: "intermediate",
      });
      expect(only(reading, unnamed ?? "")).toBe(only(reading, "root/issuer/lab-root"));
      const list = listOf(reading, "pki/issuer/lab-issuing/crl");
      expect(list?.issuer).toMatchObject({ CN: "lab-issuing" });
      expect((list?.nextUpdate ?? 0) - (list?.thisUpdate ?? 0)).toBe(3 * DAY);
      expect(reading.bundles.flatMap(({ faults }) => faults)).toEqual([]);
    });

    it("says in words where each thing is", async () => {
      const { bundles } = await open({ name: "hall" }).read(timeout());
      const where = bundles.map((bundle) => bundle.where);
      expect(where).toContain("issuer lab-root of root in hall");
      expect(where).toContain("revocation list of issuer lab-issuing of pki in hall");
    });

    it("takes up a new revocation list, and reads one that is the same only once", async () => {
      const source = open();
      const crl = "pki/issuer/lab-issuing/crl";
      const first = await source.read(timeout());
      const same = await source.read(timeout());
      expect(listOf(same, crl)).toBe(listOf(first, crl));
      expect(only(same, "root/issuer/lab-root")).toBe(only(first, "root/issuer/lab-root"));
      await cluster.rotate();
      const next = listOf(await source.read(timeout()), crl);
      expect(Number(next?.number)).toBeGreaterThan(Number(listOf(first, crl)?.number));
    });

    it("lists issued certificates with the shipped policy, without those that were revoked, and `check` finds nothing", async () => {
      const [kept, revoked] = [await cluster.issue("kept.lan"), await cluster.issue("revoked.lan")];
      const source = await withPolicies("pki");
      const before = await source.read(timeout());
      expect(before.missing).toEqual([]);
      expect(places(before)).toEqual(expect.arrayContaining([`pki/cert/${kept}`, `pki/cert/${revoked}`]));
      const leaf = only(before, `pki/cert/${kept}`);
      expect(leaf).toMatchObject({ subject: { CN: "kept.lan" }, dnsNames: ["kept.lan"], role: "leaf" });
      expect(Math.abs((leaf?.notAfter ?? 0) - (leaf?.notBefore ?? 0) - DAY)).toBeLessThan(120);
      // the issuers' own certificates are listed too, and would be there twice
      expect(certificatesOf(before).filter(({ role }) => role !== "leaf")).toHaveLength(2);

      await cluster.revoke(revoked);
      await cluster.rotate();
      const after = await source.read(timeout());
      expect(places(after)).not.toContain(`pki/cert/${revoked}`);
      expect(only(after, `pki/cert/${kept}`)).toBe(leaf);
      const serial = BigInt(`0x${revoked.replaceAll(":", "")}`).toString();
      expect(listOf(after, "pki/issuer/lab-issuing/crl")?.revoked.has(serial)).toBe(true);
      expect(places(await (await withPolicies("pki")).read(timeout()))).not.toContain(`pki/cert/${revoked}`);

      const findings = (await source.check?.(timeout())) ?? [];
      expect(findings.filter(({ ok }) => !ok).map(({ subject }) => subject)).toEqual([
        `vault vault, node ${new URL(deadNode).host}`,
      ]);
      expect(findings.filter(({ subject }) => subject.includes("permission")).map(({ message }) => message)).toEqual(
        Array.from({ length: 4 }, () => "granted"),
      );
    });

    it("shows of several certificates with the same names the one that ends last", async () => {
      const source = await withPolicies("pki");
      const old = await cluster.issue("renewed.lan");
      expect(places(await source.read(timeout()))).toContain(`pki/cert/${old}`);
      const renewed = await cluster.issue("renewed.lan", 25);
      const shown = places(await source.read(timeout()));
      expect(shown).toContain(`pki/cert/${renewed}`);
      expect(shown).not.toContain(`pki/cert/${old}`);
      await cluster.revoke(renewed);
      expect(places(await source.read(timeout()))).toContain(`pki/cert/${old}`);
    });

    it("does not list certificates unless told to", async () => {
      await cluster.issue("unlisted.lan");
      const source = open({ auth: { method: "token", token: await cluster.createToken(["pki"]) } });
      expect(places(await source.read(timeout())).filter((place) => place.includes("/cert/"))).toEqual([]);
    });

    it("reads delta revocation lists where the mount makes them, and none where it makes none at all", async () => {
      const source = await withPolicies("pki");
      const delta = "pki/issuer/lab-issuing/crl/delta";
      onTestFinished(() => cluster.configure({ disable: false, enableDelta: false }));
      await cluster.configure({ disable: false, enableDelta: true });
      const reading = await source.read(timeout());
      expect(Number(listOf(reading, delta)?.number)).toBeGreaterThan(
        Number(listOf(reading, "pki/issuer/lab-issuing/crl")?.number),
      );
      await cluster.configure({ disable: true, enableDelta: false });
      expect(places(await source.read(timeout())).filter((place) => place.includes("/crl"))).toEqual([]);
    });

    it("names the path and the capability that a token lacks, and reads what needs none", async () => {
      const source = await withPolicies("default");
      const { missing, bundles } = await source.read(timeout());
      expect(missing.map(({ piece, error }) => [piece, error.reason, error.message])).toEqual([
        ["pki/config/crl", "forbidden", expect.stringContaining("pki/config/crl: the token lacks read; add it")],
        ["pki/certs", "forbidden", expect.stringContaining("pki/certs: the token lacks list; add it")],
      ]);
      expect(bundles).toHaveLength(3);
      const findings = ((await source.check?.(timeout())) ?? []).filter(({ subject }) =>
        subject.includes("permission"),
      );
      expect(findings.map(({ subject, ok }) => [subject, ok])).toEqual(
        ["config/crl", "certs", "certs/revoked", "certs/detailed"].map((below) => [
          `vault vault, permission pki/${below}`,
          false,
        ]),
      );
      expect(findings[1]?.message).toMatch(/lacks list.*hides the issued certificates/);
    });

    it("needs no right to the detailed list, which only saves requests", async () => {
      await cluster.writePolicy("plain", renderPkiPolicy().replace(/path "pki\/certs\/detailed" \{[^}]*\}/, ""));
      const serials = await Promise.all(Array.from({ length: 25 }, (_, i) => cluster.issue(`plain-${i}.lan`)));
      const reading = await (await withPolicies("plain")).read(timeout());
      expect(reading.missing).toEqual([]);
      expect(places(reading)).toEqual(expect.arrayContaining(serials.map((serial) => `pki/cert/${serial}`)));
    });

    it("says how many certificates are left out", async () => {
      const all = (await (await withPolicies("pki")).read(timeout())).bundles.length;
      const source = open({
        mounts: ["pki"],
        auth: { method: "token", token: await cluster.createToken(["pki"]) },
        list: "all",
        max_listed: 2,
      });
      const { missing, bundles } = await source.read(timeout());
      expect(bundles.length).toBeLessThan(all);
      expect(missing).toMatchObject([
        { piece: "pki/certs", error: { message: expect.stringMatching(/^\d+ issued certificates are left out/) } },
      ]);
    });

    it("says `unauthorized` of a revoked token, never prints it, and reads on what needs none", async () => {
      const token = await cluster.createToken(["pki"]);
      const source = withToken(token);
      expect((await source.read(timeout())).missing).toEqual([]);
      await cluster.revokeToken(token);
      const { missing, bundles } = await source.read(timeout());
      expect(missing).toMatchObject([{ piece: "login to vault", error: { reason: "unauthorized" } }]);
      expect(missing[0]?.error.message).not.toContain(token);
      expect(bundles.map(({ place }) => place.pki)).toContain("pki/issuer/lab-issuing");
      const findings = (await source.check?.(timeout())) ?? [];
      expect(findings.find(({ subject }) => subject === "vault vault, login")).toMatchObject({ ok: false });
      expect(JSON.stringify(findings)).not.toContain(token);
    });

    it("says that no PKI secrets engine is where none is, with and without others beside it", async () => {
      const wrong = open({ mounts: ["nowhere"] }).read(timeout());
      await expect(wrong).rejects.toMatchObject({
        reason: "not_found",
        message: expect.stringContaining("nowhere: no PKI"),
      });
      const { missing, bundles } = await open({ mounts: ["nowhere", "root"] }).read(timeout());
      expect(missing).toMatchObject([{ piece: "nowhere", error: { reason: "not_found" } }]);
      expect(bundles).toHaveLength(2);
      const token = await cluster.createToken(["pki"]);
      const known = open({ mounts: ["nowhere"], auth: { method: "token", token } }).read(timeout());
      await expect(known).rejects.toMatchObject({ reason: "not_found" });
    });

    it("fails with the first node's reason when no node answers, and reads the authorities' file anew each time", async () => {
      const source = open({ nodes: [deadNode] });
      await expect(source.read(timeout())).rejects.toBeInstanceOf(CollectError);
      await expect(source.read(timeout())).rejects.toMatchObject({ reason: "connection_refused" });
      const file = join(folder.path, "later.pem");
      const late = open({ ca_file: file });
      await expect(late.read(timeout())).rejects.toMatchObject({ reason: "tls_untrusted" });
      expect(await late.check?.(timeout())).toMatchObject([{ ok: false, message: expect.stringContaining(file) }]);
      await writeFile(file, cluster.caPem);
      expect((await late.read(timeout())).bundles).toHaveLength(5);
    });
  });
}

const places = ({ bundles }: SourceReading): string[] => bundles.map(({ place }) => place.pki ?? "");
const at = ({ bundles }: SourceReading, pki: string): Bundle | undefined =>
  bundles.find(({ place }) => place.pki === pki);
const only = (reading: SourceReading, pki: string) => at(reading, pki)?.certificates[0];
const listOf = (reading: SourceReading, pki: string) => at(reading, pki)?.revocationLists[0];
const certificatesOf = ({ bundles }: SourceReading) => bundles.flatMap(({ certificates }) => certificates);
