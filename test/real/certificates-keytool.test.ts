import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ReadResult } from "../../src/collectors/certificates/certificate.ts";
import { CertificateReader } from "../../src/collectors/certificates/x509/certificate-reader.ts";
import { Secret } from "../../src/core/secret.ts";
import { javaKeyStore, pkcs12 } from "../../src/lab/certificates/key-store.ts";
import { makeCertificate, type Entity } from "../../src/lab/certificates/x509/issuing.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import { runProgram, type RunResult } from "../helpers/process.ts";

const PASSPHRASE = "change it";
const DAY = 86_400_000;
const PERIOD = { notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + DAY) };
const MANY = 300;
/** What Java writes as PKCS#12, wrote before version 17, and can write for stores that everybody may read. */
const PKCS12_KINDS = {
  "PKCS#12 of today": [],
  "PKCS#12 of old": ["-J-Dkeystore.pkcs12.legacy"],
  "PKCS#12 without encryption": [
    "-J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE",
    "-J-Dkeystore.pkcs12.macAlgorithm=NONE",
  ],
} as const;

/** English, and quick where it runs for a moment only. */
const JAVA = ["-J-Duser.language=en", "-J-Dfile.encoding=UTF-8", "-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC"];

/** What both say of a certificate; times are Unix seconds. */
interface Told {
  readonly fingerprint: string;
  readonly serialNumber: string;
  readonly notBefore: number;
  readonly notAfter: number;
}

const byFingerprint = (a: Told, b: Told): number => (a.fingerprint < b.fingerprint ? -1 : 1);

const toldHere = ({ certificates }: ReadResult): readonly Told[] =>
  certificates
    .map(({ fingerprint, serialNumber, notBefore, notAfter }) => ({ fingerprint, serialNumber, notBefore, notAfter }))
    .toSorted(byFingerprint);

const CERTIFICATE =
  /^Serial number: ([0-9a-f]+)\nValid from: (.+) until: (.+)\nCertificate fingerprints:\n\s+SHA1: .+\n\s+SHA256: ([0-9A-F:]+)$/gm;

const toldByKeytool = (text: string): readonly Told[] =>
  [...text.matchAll(CERTIFICATE)]
    .map(([, serial = "", from = "", until = "", fingerprint = ""]) => ({
      fingerprint: fingerprint.replaceAll(":", "").toLowerCase(),
      serialNumber: BigInt(`0x${serial}`).toString(),
      notBefore: Date.parse(from) / 1_000,
      notAfter: Date.parse(until) / 1_000,
    }))
    .toSorted(byFingerprint);

const read = async (path: string, ...passphrases: readonly string[]): Promise<ReadResult> =>
  new CertificateReader().read(await readFile(path), { passphrases: passphrases.map((text) => new Secret(text)) });

const reasons = ({ faults }: ReadResult): readonly string[] => faults.map(({ reason }) => reason);

describeReal("key stores that keytool makes", ["keytool"], ({ keytool }) => {
  let folder: TemporaryFolder;
  /** Two key entries with chains, of which one has a passphrase of its own, and the root as a trusted certificate. */
  let original: string;
  /** Certificates of one key. */
  let many: readonly Entity[];

  const at = (name: string): string => join(folder.path, name);

  const run = (args: readonly string[]): Promise<RunResult> =>
    runProgram(keytool, [...JAVA, ...args], { env: { TZ: "UTC" } });

  /** Fails unless keytool succeeds; gives what it prints. */
  async function use(command: string, store: string, ...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await run([
      command,
      "-keystore",
      store,
      "-storepass:file",
      at("passphrase"),
      ...args,
    ]);
    if (code !== 0) throw new Error(`keytool ${command} ended with ${code}\n${stdout}${stderr}`);
    return stdout;
  }

  const list = async (store: string): Promise<readonly Told[]> => toldByKeytool(await use("-list", store, "-v"));

  const addKey = (store: string, alias: string, ...args: readonly string[]): Promise<string> =>
    use("-genkeypair", store, "-alias", alias, "-dname", `CN=${alias}, O=Home`, "-keyalg", "EC", ...args);

  /** Has the authority sign the key, and puts the chain into its entry. */
  async function signBy(store: string, alias: string, authority: string, ...args: readonly string[]): Promise<void> {
    const [request, signed] = [at(`${alias}.csr`), at(`${alias}.pem`)];
    await use("-certreq", store, "-alias", alias, "-file", request);
    await use("-gencert", store, "-alias", authority, "-infile", request, "-outfile", signed, "-rfc", ...args);
    await use("-importcert", store, "-alias", alias, "-file", signed, "-noprompt");
  }

  /** Writes what the original holds into a store of another kind. */
  async function convert(from: string, name: string, type: string, ...options: readonly string[]): Promise<string> {
    const store = at(name);
    const source = ["-srckeystore", from, "-srcstorepass:file", at("passphrase"), "-noprompt"];
    const target = ["-destkeystore", store, "-deststoretype", type, "-deststorepass:file", at("passphrase")];
    const { code, stdout, stderr } = await run([...options, "-importkeystore", ...source, ...target]);
    if (code !== 0) throw new Error(`keytool -importkeystore ended with ${code}\n${stdout}${stderr}`);
    return store;
  }

  beforeAll(async () => {
    folder = await createTemporaryFolder("certificates-keytool");
    await writeFile(at("passphrase"), PASSPHRASE);
    original = at("original.p12");
    await addKey(original, "root", "-ext", "bc:c", "-validity", "7300");
    await addKey(original, "intermediate", "-ext", "bc:c");
    await signBy(original, "intermediate", "root", "-ext", "bc:c", "-validity", "1825");
    await addKey(original, "nas.lan", "-keyalg", "RSA", "-keysize", "2048");
    await signBy(original, "nas.lan", "intermediate", "-ext", "san=dns:nas.lan,ip:10.0.0.5", "-validity", "6");
    await use("-exportcert", original, "-alias", "root", "-file", at("root.der"));
    await use("-importcert", original, "-alias", "trusted", "-file", at("root.der"), "-noprompt");
    const { keys: key } = await makeCertificate(PERIOD);
    many = await Promise.all(
      Array.from({ length: MANY }, (_, i) => makeCertificate({ commonName: `host ${i}`, key, ...PERIOD })),
    );
  });
  afterAll(() => folder.remove());

  describe.each(["JKS", "JCEKS", "PKCS12"])("of the kind %s", (type) => {
    const isEncrypted = type === "PKCS12";
    let store: string;

    beforeAll(async () => {
      store = await convert(original, `store.${type}`, type);
    });

    it("give the same certificates: those of key entries with their chains, and the trusted ones", async () => {
      const listed = await list(store);
      // root, intermediate and root, nas.lan and both, and root again
      expect(listed).toHaveLength(7);
      const result = await read(store, "wrong", PASSPHRASE);
      expect(result.faults).toEqual([]);
      expect(toldHere(result)).toEqual(listed);
    });

    it("are told to be under another passphrase", async () => {
      await writeFile(at("wrong"), "wrong one");
      const { code } = await run(["-list", "-keystore", store, "-storepass:file", at("wrong")]);
      expect(code).not.toBe(0);
      const result = await read(store, "wrong one");
      expect(reasons(result)).toEqual(["wrong_passphrase"]);
      expect(result.certificates).toHaveLength(isEncrypted ? 0 : 7);
    });

    it("need no passphrase where certificates are not encrypted", async () => {
      const result = await read(store);
      expect(reasons(result)).toEqual(isEncrypted ? ["wrong_passphrase"] : []);
      expect(result.certificates).toHaveLength(isEncrypted ? 0 : 7);
    });

    it("that are cut off are corrupted, for both", async () => {
      const whole = await readFile(store);
      const half = at(`half.${type}`);
      await writeFile(half, whole.subarray(0, whole.length / 2));
      expect((await run(["-list", "-keystore", half, "-storepass:file", at("passphrase")])).code).not.toBe(0);
      expect(reasons(await read(half, PASSPHRASE))).toEqual(["bad_keystore"]);
    });

    it(`give all of ${MANY} certificates`, async () => {
      const source = at(`many-source.${type}`);
      await writeFile(source, javaKeyStore(Object.fromEntries(many.map((each, i) => [`host-${i}`, each])), PASSPHRASE));
      const store = await convert(source, `many.${type}`, type);
      const result = await read(store, PASSPHRASE);
      expect(result.faults).toEqual([]);
      expect(toldHere(result)).toEqual(await list(store));
      expect(result.certificates.map(({ fingerprint }) => fingerprint).toSorted()).toEqual(
        many.map(({ fingerprint }) => fingerprint).toSorted(),
      );
    });
  });

  it.each(Object.entries(PKCS12_KINDS))("as %s give the same certificates", async (name, options) => {
    const store = await convert(original, `${name}.p12`, "PKCS12", ...options);
    const result = await read(store, PASSPHRASE);
    expect(result.faults).toEqual([]);
    expect(toldHere(result)).toEqual(await list(original));
    const open = await read(store);
    expect(reasons(open)).toEqual(name.endsWith("without encryption") ? [] : ["wrong_passphrase"]);
  });

  it.each(["JCEKS", "PKCS12"])(
    "of the kind %s give certificates though secret keys stand between them",
    async (type) => {
      const store = at(`secrets.${type}`);
      await addKey(store, "a", "-storetype", type);
      await use("-genseckey", store, "-alias", "b", "-keyalg", "AES", "-keysize", "256");
      await use("-genseckey", store, "-alias", "c", "-keyalg", "HmacSHA256", "-keysize", "256");
      await addKey(store, "d");
      const result = await read(store, PASSPHRASE);
      expect(result.faults).toEqual([]);
      expect(toldHere(result)).toEqual(await list(store));
      expect(result.certificates.map(({ subject }) => subject.CN).toSorted()).toEqual(["a", "d"]);
    },
  );

  it("may have any letters in the passphrase, and keys under one of their own", async () => {
    const [store, words] = [at("letters.jks"), "grüß€ 東京"];
    await writeFile(at("letters"), words);
    const opened = ["-keystore", store, "-storepass:file", at("letters")];
    const entry = ["-alias", "a", "-dname", "CN=a", "-keyalg", "EC", "-keypass", "another one"];
    expect(await run(["-genkeypair", ...opened, "-storetype", "JKS", ...entry])).toMatchObject({ code: 0 });
    const result = await read(store, words);
    expect(result.faults).toEqual([]);
    expect(toldHere(result)).toEqual(toldByKeytool((await run(["-list", "-v", ...opened])).stdout));
    expect(result.certificates).toHaveLength(1);
  });

  it("are read by it as they are here when the lab makes them", async () => {
    const entity = await makeCertificate({ commonName: "nas.lan", key: "rsa2048", ...PERIOD });
    await writeFile(at("lab.p12"), pkcs12(entity, PASSPHRASE));
    await writeFile(at("lab.jks"), javaKeyStore({ nas: entity }, PASSPHRASE));
    for (const name of ["lab.p12", "lab.jks"]) {
      const listed = await list(at(name));
      expect(listed.map(({ fingerprint }) => fingerprint)).toEqual([entity.fingerprint]);
      expect(toldHere(await read(at(name), PASSPHRASE))).toEqual(listed);
    }
  });
});
