import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { milliseconds } from "../../src/core/duration.ts";
import { createAuthority, type Authority } from "../../src/lab/certificates.ts";
import type { KubernetesLab } from "../../src/lab/kubernetes/contract.ts";
import { startKubernetesLab } from "../../src/lab/kubernetes/kubernetes-lab.ts";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import { kubeconfigFor, kubernetesCalls, type KubernetesCalls } from "../helpers/kubernetes-api.ts";
import { secretObject } from "../helpers/kubernetes-objects.ts";
import { waitUntil } from "../helpers/wait-until.ts";
import { bundleAt, opener, QUICK, shown, type Opened } from "../helpers/kubernetes-source.ts";

const SECRETS = "/api/v1/namespaces/web/secrets";
const CONFIG_MAPS = "/api/v1/configmaps";
const settings = { read: ["secrets"], keys: ["tls.crt"] };

describe("a Kubernetes API in trouble", () => {
  let authority: Authority;
  let folder: TemporaryFolder;
  let lab: KubernetesLab;
  let calls: KubernetesCalls;

  beforeAll(async () => {
    authority = await createAuthority({ commonName: "Test CA" });
    folder = await createTemporaryFolder("kubernetes-faults");
  });
  afterAll(() => folder.remove());
  beforeEach(async () => {
    lab = await startKubernetesLab({ authority });
    calls = kubernetesCalls(lab);
  });
  afterEach(async () => {
    await calls.close();
    await lab.close();
  });

  const openWith = (patience: Partial<typeof QUICK>) =>
    opener(
      () => lab,
      () => folder,
      { ...QUICK, ...patience },
    );
  const open = openWith({});
  const makeSecret = async (name: string): Promise<void> => {
    const { certificatePem } = await authority.issue({ hosts: [`${name}.test`] });
    await calls.create(SECRETS, secretObject(name, { data: { "tls.crt": certificatePem } }));
  };
  const has = (name: string) => (reading: Parameters<typeof shown>[0]) => shown(reading).join().includes(name);
  const asked = (what: string) => lab.requests.filter((request) => request.includes(what));
  const lists = () => asked("limit=500");
  const isWatching = () => waitUntil("the watch is open", () => lab.watches > 0);
  const followed = async (opened: Opened): Promise<void> => {
    await opened.read();
    await isWatching();
  };

  it("goes on from where it was when a watch is cut", async () => {
    await makeSecret("one");
    const opened = await open(settings);
    await followed(opened);
    lab.bookmark();
    await makeSecret("two");
    await opened.until("the second Secret is seen", has("two.test"));
    lab.cutWatches();
    await makeSecret("three");
    await opened.until("the third Secret is seen", has("three.test"));
    expect(lists()).toHaveLength(1);
    expect(asked("watch=true").length).toBeGreaterThan(1);
  });

  it("watches from the newest bookmark", async () => {
    const opened = await open(settings);
    await followed(opened);
    await calls.create("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: "other" } });
    lab.bookmark();
    const version = (text = "") => Number(/resourceVersion=(\d+)/.exec(text)?.[1]);
    lab.cutWatches();
    const [first, second] = await waitUntil("it watches again", () => {
      const watches = asked("watch=true");
      return watches.length > 1 && watches;
    });
    expect(version(second)).toBe(version(first) + 1);
  });

  it("lists anew when the server has forgotten where the watch was", async () => {
    await makeSecret("one");
    await makeSecret("gone");
    const opened = await open(settings);
    const before = await opened.read();
    await isWatching();
    await calls.remove(`${SECRETS}/gone`);
    await makeSecret("two");
    lab.forget();
    await opened.untilCalmly("both are seen", has("two.test"));
    await waitUntil("it lists again", () => lists().length > 1 && lab.watches > 0);
    const reading = await opened.read();
    expect(shown(reading)).toEqual(["web/one/tls.crt: one.test", "web/two/tls.crt: two.test"]);
    expect(bundleAt(reading, "web/one")).toBe(bundleAt(before, "web/one"));
  });

  it("asks for lists in pages", async () => {
    const { certificatePem } = await authority.issue({ hosts: ["many.test"] });
    const object = (index: number) => secretObject(`secret-${index}`, { data: { "tls.crt": certificatePem } });
    for (let index = 0; index < 1_001; index += 7)
      await Promise.all(Array.from({ length: 7 }, (_, more) => calls.create(SECRETS, object(index + more))));
    const { bundles } = await (await open(settings)).read();
    expect(bundles).toHaveLength(1_001);
    expect(lists()).toHaveLength(3);
    expect(asked("continue=")).toHaveLength(2);
    expect(lists()[0]).toContain("fieldSelector=type%3Dkubernetes.io%2Ftls");
  });

  it("takes notice of a server that went silent", async () => {
    await makeSecret("one");
    const patience = { watchFor: milliseconds(1_000), grace: milliseconds(300) };
    const opened = await openWith(patience)(settings);
    await followed(opened);
    lab.muteWatches();
    await makeSecret("two");
    expect(shown(await opened.untilCalmly("the second Secret is seen", has("two.test")))).toHaveLength(2);
  });

  it("keeps what it knew of a kind that can not be read any more, and says since when, until that is stale", async () => {
    await makeSecret("one");
    const data = { "ca.pem": authority.certificatePem };
    await calls.create("/api/v1/namespaces/web/configmaps", {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "trust" },
      data,
    });
    const kinds = { read: ["secrets", "configmaps"] };
    const [opened, hasty] = [await open(kinds), await openWith({ staleAfter: milliseconds(0) })(kinds)];
    await Promise.all([opened.read(), hasty.read()]);
    await waitUntil("all is watched", () => lab.watches === 4);
    lab.setFault({ kind: "status", status: 500, path: CONFIG_MAPS });
    lab.cutWatches();
    const wrong = await opened.until("something is missing", ({ missing }) => missing.length > 0);
    expect(shown(wrong)).toEqual(["web/one/tls.crt: one.test", "web/trust/ca.pem: Test CA"]);
    expect(wrong.missing).toMatchObject([
      {
        piece: "configmaps",
        error: {
          reason: "server_error",
          message: expect.stringMatching(/status 500: the lab says so; what was known at \d{4}-.* UTC still stands$/),
        },
      },
    ]);
    const stale = await hasty.until("it is dropped", ({ bundles }) => bundles.length === 1);
    expect(stale.missing[0]?.error.message).toMatch(/the lab says so; so since \d{4}-.* UTC$/);
    lab.setFault(undefined);
    const mended = await hasty.until("it is back", ({ bundles }) => bundles.length === 2);
    expect(mended.missing).toEqual([]);
  });

  it("opens key stores once it has their passphrase", async () => {
    const fixture = new URL("../../src/collectors/certificates/x509/__fixtures__/modern.p12", import.meta.url);
    const data = { "store.p12": await readFile(fixture) };
    await calls.create(SECRETS, secretObject("store", { type: "Opaque", data }));
    const passphrase_file = join(folder.path, "passphrase");
    const opened = await openWith({ watchFor: milliseconds(1_000) })({
      read: ["secrets"],
      secret_types: ["Opaque"],
      passphrase_file,
    });
    const locked = await opened.read();
    expect(locked.bundles).toMatchObject([{ certificates: [], faults: [{ reason: "wrong_passphrase" }] }]);
    expect(locked.missing).toMatchObject([{ piece: "passphrase", error: { reason: "credential_unreadable" } }]);
    await writeFile(passphrase_file, "change it\n");
    const reading = await opened.until("it is open", has("store.lan"));
    expect(reading.bundles[0]?.faults).toEqual([]);
    expect(reading.missing).toEqual([]);
  });

  it("takes notice of a right that is granted later", async () => {
    await makeSecret("one");
    lab.setFault({ kind: "status", status: 403 });
    const opened = await open(settings);
    await expect(opened.read()).rejects.toMatchObject({ reason: "forbidden" });
    lab.setFault(undefined);
    expect((await opened.until("it is read", has("one.test"))).missing).toEqual([]);
  });

  it("waits as long as a busy server wants", async () => {
    const begun = performance.now();
    lab.setFault({ kind: "status", status: 429, retryAfterSeconds: 2 });
    const opened = await open(settings);
    await expect(opened.read()).rejects.toMatchObject({ reason: "rate_limited" });
    lab.setFault(undefined);
    await waitUntil("it asks again", () => asked("watch=true").length > 0);
    expect(performance.now() - begun).toBeGreaterThan(1_990);
  });

  it("waits no longer than is sensible, whatever a busy server wants", async () => {
    lab.setFault({ kind: "status", status: 503, retryAfterSeconds: 1e9 });
    const opened = await openWith({ busyWait: milliseconds(100) })(settings);
    await expect(opened.read()).rejects.toMatchObject({ reason: "server_error" });
    lab.setFault(undefined);
    await waitUntil("it asks again", () => asked("watch=true").length > 0);
  });

  it("asks a server that is gone for good no more often than another one that fails", async () => {
    const begun = performance.now();
    lab.setFault({ kind: "status", status: 410 });
    const opened = await open(settings);
    await expect(opened.read()).rejects.toMatchObject({ message: expect.stringContaining("410") });
    await waitUntil("it asked four times", () => lists().length >= 4);
    // three waits of 50, 100 and 200 ms, of which a quarter may be less
    expect(performance.now() - begun).toBeGreaterThan(250);
    lab.setFault(undefined);
    await waitUntil("it asks again", () => asked("watch=true").length > 0);
  });

  it("survives events that are no JSON", async () => {
    const opened = await open(settings);
    await followed(opened);
    lab.setFault({ kind: "garbage" });
    await makeSecret("one");
    lab.setFault(undefined);
    const reading = await opened.until("the Secret is seen", has("one.test"));
    expect(reading.missing).toEqual([]);
  });

  it("ends a first read with its signal, and everything with its end", async () => {
    lab.setFault({ kind: "hang" });
    const { source } = await open(settings);
    await expect(source.read(AbortSignal.timeout(200))).rejects.toMatchObject({ name: "TimeoutError" });
    lab.setFault(undefined);
    const opened = await open(settings);
    await followed(opened);
    await opened.source.close();
    await waitUntil("no watch is open", () => lab.watches === 0);
  });

  const withKubeconfig = async (name: string, text: string, more: object = {}): Promise<Opened> => {
    const kubeconfig_file = join(folder.path, name);
    await writeFile(kubeconfig_file, text);
    return open({ ...settings, kubeconfig_file, ...more });
  };
  const change = (field: "clusters" | "users", content: object): string => {
    const config = JSON.parse(kubeconfigFor(lab, lab.token)) as Record<string, unknown>;
    return JSON.stringify({ ...config, [field]: [{ name: "test", [field.slice(0, -1)]: content }] });
  };

  it("says what is wrong with a kubeconfig, and quotes nothing of it", async () => {
    const faults: [string, object, RegExp][] = [
      ["a: [SECRET-TEXT", {}, /is not usable: it is no YAML of a kubeconfig; /],
      ["SECRET-TEXT", {}, /is not usable: it /],
      [kubeconfigFor(lab, "SECRET-TEXT"), { context: "prod" }, /: it has no context "prod", but test; /],
      [change("users", { token: "SECRET-TEXT", "client-certificate": "/none.pem" }), {}, /: ENOENT, \/none\.pem; /],
      [change("users", { exec: { apiVersion: "v1", command: "/none/SECRET" } }), {}, /can not be had: ENOENT/],
      [change("clusters", {}), {}, /clusters\[0\]\.cluster\.server is missing; /],
    ];
    for (const [index, [text, more, wanted]] of faults.entries()) {
      const opened = await withKubeconfig(`faulty-${index}`, text, more);
      const error: unknown = await opened.read().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ reason: "credential_unreadable", message: expect.stringMatching(wanted) });
      expect(String(error)).not.toContain("SECRET-TEXT");
    }
  });

  it("says what a pod's own service account lacks", async () => {
    vi.stubEnv("KUBERNETES_SERVICE_HOST", undefined);
    onTestFinished(() => void vi.unstubAllEnvs());
    const own = { ...settings, kubeconfig_file: undefined };
    await expect((await open(own)).read()).rejects.toThrow(
      "the service account of the pod is not usable: this process runs in no pod; set kubeconfig_file",
    );
    vi.stubEnv("KUBERNETES_SERVICE_HOST", "127.0.0.1");
    vi.stubEnv("KUBERNETES_SERVICE_PORT", "1");
    await expect((await open(own)).read()).rejects.toThrow(/its credential can not be had: ENOENT, .*serviceaccount/);
  });

  it("takes a token from a file that ends with a line break", async () => {
    await makeSecret("one");
    const tokenFile = join(folder.path, "token");
    await writeFile(tokenFile, `${lab.token}\n`);
    const user = { "auth-provider": { name: "tokenFile", config: { tokenFile } } };
    expect(shown(await (await withKubeconfig("token-file", change("users", user))).read())).toHaveLength(1);
  });

  it("trusts the authority of the kubeconfig only, unless told not to look", async () => {
    const other = await createAuthority();
    const trusting = kubeconfigFor({ url: lab.url, caPem: other.certificatePem }, lab.token);
    await expect((await withKubeconfig("untrusted", trusting)).read()).rejects.toMatchObject({
      reason: "tls_untrusted",
    });
    const careless = change("clusters", { server: lab.url, "insecure-skip-tls-verify": true });
    expect((await (await withKubeconfig("careless", careless)).read()).missing).toEqual([]);
  });
});
