import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { certificatesConfig } from "../../src/collectors/certificates/config.ts";
import type { Bundle, SourceReading, StoredSource } from "../../src/collectors/certificates/inventory.ts";
import { openKubernetes } from "../../src/collectors/certificates/stored/kubernetes/open-kubernetes.ts";
import { PATIENCE } from "../../src/collectors/certificates/stored/kubernetes/follower.ts";
import { renderRbac } from "../../src/collectors/certificates/stored/kubernetes/rbac.ts";
import { CertificateReader } from "../../src/collectors/certificates/x509/certificate-reader.ts";
import { milliseconds, minutes } from "../../src/core/duration.ts";
import { createAuthority, type Authority } from "../../src/lab/certificates.ts";
import { parseAllDocuments } from "yaml";
import { createTemporaryFolder, type TemporaryFolder } from "../helpers/janitor.ts";
import {
  kubeconfigFor,
  kubernetesCalls,
  type KubernetesCalls,
  type KubernetesCluster,
  type KubernetesRights,
} from "../helpers/kubernetes-api.ts";
import {
  apiServiceObject,
  definitionObject,
  namespaceObject,
  secretObject,
  webhooksObject,
} from "../helpers/kubernetes-objects.ts";
import { waitUntil } from "../helpers/wait-until.ts";

/** So that a test need not wait long for the next try. */
export const QUICK = {
  ...PATIENCE,
  firstWait: milliseconds(50),
  mostWait: milliseconds(500),
  refusedWait: milliseconds(300),
  staleAfter: minutes(3),
};

const never = new AbortController().signal;
const reader = new CertificateReader();
const LIST_AND_WATCH = ["list", "watch"];

/** A source of a test, on a kubeconfig of its own. */
export interface Opened {
  readonly source: StoredSource;
  read(): Promise<SourceReading>;
  /** Waits until a reading fulfils the wish. */
  until(what: string, wish: (reading: SourceReading) => boolean): Promise<SourceReading>;
}

/** Opens sources on a cluster, each closed when the test ends. */
export function opener(cluster: () => KubernetesCluster, folder: () => TemporaryFolder, patience = QUICK) {
  let count = 0;
  return async (settings: object, token = cluster().token): Promise<Opened> => {
    const kubeconfig = join(folder().path, `kubeconfig-${(count += 1)}`);
    await writeFile(kubeconfig, kubeconfigFor(cluster(), token));
    const parsed = certificatesConfig.parse({
      name: "test",
      kubernetes: [{ kubeconfig_file: kubeconfig, ...settings }],
    });
    const [entry] = parsed.kubernetes;
    if (entry === undefined) throw new Error("no entry");
    const source = openKubernetes(entry, reader, patience);
    onTestFinished(() => source.close());
    const read = () => source.read(never);
    const until = (what: string, wish: (reading: SourceReading) => boolean) =>
      waitUntil(what, async () => {
        const reading = await read();
        return wish(reading) && reading;
      });
    return { source, read, until };
  };
}

/** The places and common names of bundles, in order. */
export const shown = ({ bundles }: SourceReading): string[] =>
  bundles
    .map(({ place, certificates }) => {
      const where = Object.values(place).join("/");
      return `${where}: ${certificates.map(({ subject }) => subject.CN).join(" ")}`;
    })
    .toSorted();

const find = (reading: SourceReading, where: string): Bundle => {
  const found = reading.bundles.find((bundle) => bundle.where.includes(where));
  if (found === undefined) throw new Error(`nothing at ${where}`);
  return found;
};

/** What the source promises of every Kubernetes API: the same tests run against the emulated and the real one. */
export function describeKubernetesContract(startCluster: () => Promise<KubernetesCluster>): void {
  describe("certificates of a Kubernetes cluster", () => {
    let cluster: KubernetesCluster;
    let calls: KubernetesCalls;
    let folder: TemporaryFolder;
    let authority: Authority;
    const open = opener(
      () => cluster,
      () => folder,
    );
    const issue = (host: string) => authority.issue({ hosts: [host] });

    const makeNamespace = async (name: string): Promise<string> => {
      await calls.create("/api/v1/namespaces", namespaceObject(name));
      return name;
    };
    const secretsOf = (namespace: string) => `/api/v1/namespaces/${namespace}/secrets`;
    const makeTlsSecret = async (namespace: string, name: string, host = `${name}.test`): Promise<void> => {
      const { certificatePem, keyPem } = await issue(host);
      const data = { "tls.crt": certificatePem, "tls.key": keyPem, "ca.crt": authority.certificatePem };
      await calls.create(secretsOf(namespace), secretObject(name, { data }));
    };

    beforeAll(async () => {
      authority = await createAuthority({ commonName: "Test CA" });
      folder = await createTemporaryFolder("kubernetes-certificates");
      cluster = await startCluster();
      calls = kubernetesCalls(cluster);
    });
    afterAll(async () => {
      await calls?.close();
      await cluster?.close();
      await folder?.remove();
    });

    it("finds nothing amiss with a cluster without cert-manager, and takes notice when it comes", async () => {
      const { read, until } = await open({ read: ["certificates"], namespaces: ["cm-later"] });
      expect(await read()).toEqual({ bundles: [], missing: [], managed: [] });
      await makeNamespace("cm-later");
      const definition = { group: "cert-manager.io", plural: "certificates", kind: "Certificate" };
      await calls.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definitionObject(definition));
      const spec = { secretName: "www-tls", issuerRef: { name: "ca", kind: "ClusterIssuer" } };
      const certificate = { apiVersion: "cert-manager.io/v1", kind: "Certificate", metadata: { name: "www" }, spec };
      await waitUntil("the API knows the new kind", () =>
        calls.create("/apis/cert-manager.io/v1/namespaces/cm-later/certificates", certificate).then(() => true),
      );
      const { managed } = await until("the Certificate is seen", ({ managed }) => managed?.length === 1);
      expect(managed).toEqual([
        {
          namespace: "cm-later",
          name: "www",
          reason: "",
          failedAttempts: 0,
          issuerName: "ca",
          issuerKind: "ClusterIssuer",
        },
      ]);
    });

    it("reads the keys of TLS secrets that hold certificates, and no private key", async () => {
      const namespace = await makeNamespace("tls");
      await makeTlsSecret(namespace, "web");
      await calls.create(secretsOf(namespace), secretObject("empty", { data: {} }));
      const { certificatePem } = await issue("cut.test");
      const broken = { "tls.crt": certificatePem.slice(0, 300) };
      await calls.create(secretsOf(namespace), secretObject("broken", { data: broken }));
      const reading = await (await open({ read: ["secrets"], namespaces: [namespace], keys: ["*"] })).read();
      expect(reading.missing).toEqual([]);
      expect(shown(reading)).toEqual(["tls/broken/tls.crt: ", "tls/web/ca.crt: Test CA", "tls/web/tls.crt: web.test"]);
      expect(find(reading, "tls/broken").faults).toHaveLength(1);
      expect(find(reading, "tls/web, key tls.crt")).toMatchObject({
        kind: "kube-secret",
        place: { secret_namespace: "tls", secret_name: "web", secret_key: "tls.crt" },
        where: "secret tls/web, key tls.crt",
        faults: [],
      });
      expect(JSON.stringify(reading)).not.toContain("PRIVATE KEY");
    });

    it("reads Secrets of the wanted types, labels and namespaces only", async () => {
      const [one, two] = [await makeNamespace("chosen"), await makeNamespace("left-out")];
      await makeTlsSecret(one, "tls");
      await makeTlsSecret(two, "tls");
      const put = async (name: string, type: string, labels?: Record<string, string>) => {
        const data = { "cert.pem": (await issue(`${name}.test`)).certificatePem };
        await calls.create(secretsOf(one), secretObject(name, { type, data, ...(labels && { labels }) }));
      };
      await put("opaque", "Opaque", { app: "web" });
      await put("other", "example.test/other");
      const namespaces = [one, two];
      const types = ["kubernetes.io/tls", "Opaque"];
      const keys = ["tls.crt", "*.pem"];
      const named = async (settings: object) =>
        shown(await (await open({ read: ["secrets"], namespaces, keys, ...settings })).read());
      const tls = (namespace: string) => `${namespace}/tls/tls.crt: tls.test`;
      expect(await named({})).toEqual([tls(one), tls(two)]);
      expect(await named({ secret_types: types })).toEqual([`chosen/opaque/cert.pem: opaque.test`, tls(one), tls(two)]);
      expect(await named({ secret_types: types, exclude_namespaces: [two] })).toEqual([
        "chosen/opaque/cert.pem: opaque.test",
        tls(one),
      ]);
      expect(await named({ secret_types: types, label_selector: "app in (web, db)" })).toEqual([
        "chosen/opaque/cert.pem: opaque.test",
      ]);
      expect(await named({ secret_types: [], namespaces: [one] })).toContain("chosen/other/cert.pem: other.test");
      const everywhere = await named({ namespaces: [], exclude_namespaces: [two] });
      expect(everywhere).toContain(tls(one));
      expect(everywhere).not.toContain(tls(two));
    });

    it("sees what is added, changed and taken away, and leaves what did not change as it was", async () => {
      const namespace = await makeNamespace("changes");
      await makeTlsSecret(namespace, "same");
      await makeTlsSecret(namespace, "renewed");
      await makeTlsSecret(namespace, "removed");
      const { read, until } = await open({ read: ["secrets"], namespaces: [namespace], keys: ["tls.crt"] });
      const before = await read();
      const { certificatePem } = await issue("new.test");
      const data = { "tls.crt": Buffer.from(certificatePem).toString("base64") };
      await calls.patch(`${secretsOf(namespace)}/renewed`, { data });
      await calls.remove(`${secretsOf(namespace)}/removed`);
      await makeTlsSecret(namespace, "added");
      const after = await until("all changes are seen", (reading) =>
        ["added", "new"].every((name) => shown(reading).some((text) => text.includes(`${name}.test`))),
      );
      expect(shown(after)).toEqual([
        "changes/added/tls.crt: added.test",
        "changes/renewed/tls.crt: new.test",
        "changes/same/tls.crt: same.test",
      ]);
      expect(find(after, "changes/same")).toBe(find(before, "changes/same"));
    });

    it("reads ConfigMaps, text and binary, and passes over what is no certificate", async () => {
      const namespace = await makeNamespace("maps");
      const { certificatePem } = await issue("der.test");
      const der = certificatePem.replaceAll(/-----.*?-----|\s/g, "");
      const object = {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "trust" },
        data: { "ca-bundle.pem": authority.certificatePem, "bundle.js": "export {};", note: certificatePem },
        binaryData: { "leaf.cer": der },
      };
      await calls.create(`/api/v1/namespaces/${namespace}/configmaps`, object);
      const reading = await (await open({ read: ["configmaps"], namespaces: [namespace] })).read();
      expect(shown(reading)).toEqual(["maps/trust/ca-bundle.pem: Test CA", "maps/trust/leaf.cer: der.test"]);
      expect(find(reading, "leaf.cer")).toMatchObject({
        kind: "kube-configmap",
        place: { configmap_namespace: "maps", configmap_name: "trust", configmap_key: "leaf.cer" },
        faults: [],
      });
    });

    it("reads the authorities of webhooks, API services and conversions", async () => {
      const pem = authority.certificatePem;
      const admission = "/apis/admissionregistration.k8s.io/v1";
      const both = { "a.test.io": pem, "b.test.io": "" };
      await calls.create(
        `${admission}/validatingwebhookconfigurations`,
        webhooksObject("ValidatingWebhookConfiguration", "wk-checks", both),
      );
      await calls.create(
        `${admission}/mutatingwebhookconfigurations`,
        webhooksObject("MutatingWebhookConfiguration", "wk-checks", { "c.test.io": pem }),
      );
      await calls.create("/apis/apiregistration.k8s.io/v1/apiservices", apiServiceObject("wk.test.io", pem));
      const definition = { group: "wk-conv.test.io", plural: "things", kind: "Thing", converterPem: pem };
      await calls.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definitionObject(definition));
      const reading = await (await open({ read: ["cabundles"] })).read();
      expect(reading.missing).toEqual([]);
      expect(shown(reading).filter((text) => text.includes("wk"))).toEqual([
        "APIService/v1.wk.test.io: Test CA",
        "CustomResourceDefinition/things.wk-conv.test.io: Test CA",
        "MutatingWebhookConfiguration/wk-checks/c.test.io: Test CA",
        "ValidatingWebhookConfiguration/wk-checks/a.test.io: Test CA",
      ]);
      expect(find(reading, "MutatingWebhookConfiguration wk-checks")).toMatchObject({
        kind: "kube-cabundle",
        place: {
          cabundle_resource_kind: "MutatingWebhookConfiguration",
          cabundle_resource_name: "wk-checks",
          cabundle_entry: "c.test.io",
        },
      });
      await calls.remove("/apis/apiregistration.k8s.io/v1/apiservices/v1.wk.test.io");
      await calls.remove(`${admission}/mutatingwebhookconfigurations/wk-checks`);
      await calls.remove(`${admission}/validatingwebhookconfigurations/wk-checks`);
    });

    it("reads what cert-manager says, and when it means to renew what is in the Secret", async () => {
      const namespace = await makeNamespace("managed");
      await makeTlsSecret(namespace, "www-tls");
      await makeTlsSecret(namespace, "by-hand");
      const path = `/apis/cert-manager.io/v1/namespaces/${namespace}/certificates`;
      const spec = { secretName: "www-tls", dnsNames: ["www.test"], issuerRef: { name: "ca" } };
      await calls.create(path, {
        apiVersion: "cert-manager.io/v1",
        kind: "Certificate",
        metadata: { name: "www" },
        spec,
      });
      const { read, until } = await open({
        read: ["secrets", "certificates"],
        namespaces: [namespace],
        keys: ["tls.crt"],
      });
      expect((await read()).managed).toMatchObject([{ name: "www", reason: "", issuerKind: "Issuer" }]);
      const status = {
        notAfter: "2027-01-31T00:00:00Z",
        renewalTime: "2027-01-01T00:00:00Z",
        failedIssuanceAttempts: 2,
        conditions: [
          {
            type: "Issuing",
            status: "True",
            reason: "Renewing",
            message: "",
            lastTransitionTime: "2026-11-01T00:00:00Z",
          },
          {
            type: "Ready",
            status: "False",
            reason: "Expired",
            message: "",
            lastTransitionTime: "2026-11-01T00:00:00Z",
          },
        ],
      };
      await calls.patch(`${path}/www/status`, { status });
      const reading = await until("the status is seen", ({ managed }) => managed?.[0]?.reason === "Expired");
      expect(reading.managed).toEqual([
        {
          namespace: "managed",
          name: "www",
          ready: false,
          reason: "Expired",
          notAfter: Date.parse("2027-01-31T00:00:00Z") / 1000,
          renewalTime: Date.parse("2027-01-01T00:00:00Z") / 1000,
          failedAttempts: 2,
          issuerName: "ca",
          issuerKind: "Issuer",
        },
      ]);
      expect(find(reading, "managed/www-tls").renewalTime).toBe(Date.parse("2027-01-01T00:00:00Z") / 1000);
      expect(find(reading, "managed/by-hand")).not.toHaveProperty("renewalTime");
    });

    it("reads more objects than a page holds", async () => {
      const namespace = await makeNamespace("many");
      const { certificatePem } = await issue("many.test");
      const data = { "tls.crt": certificatePem };
      const names = Array.from({ length: 520 }, (_, index) => `secret-${index}`);
      while (names.length > 0) {
        const some = names.splice(0, 8);
        await Promise.all(some.map((name) => calls.create(secretsOf(namespace), secretObject(name, { data }))));
      }
      const { bundles } = await (await open({ read: ["secrets"], namespaces: [namespace] })).read();
      expect(bundles).toHaveLength(520);
    });

    it("says which right lacks and reads the rest", async () => {
      const namespace = await makeNamespace("rights");
      await makeTlsSecret(namespace, "web");
      const token = await cluster.login([
        { apiGroups: [""], resources: ["secrets"], verbs: LIST_AND_WATCH, namespace },
      ]);
      const { read } = await open(
        { namespaces: [namespace], keys: ["tls.crt"], read: ["secrets", "configmaps", "cabundles"] },
        token,
      );
      const reading = await read();
      expect(shown(reading)).toEqual(["rights/web/tls.crt: web.test"]);
      expect(reading.missing.map(({ piece, error }) => `${piece}: ${error.reason}`)).toEqual([
        "configmaps in namespace rights: forbidden",
        "validatingwebhookconfigurations: forbidden",
        "mutatingwebhookconfigurations: forbidden",
        "apiservices: forbidden",
        "customresourcedefinitions: forbidden",
      ]);
      expect(reading.missing[0]?.error.message).toMatch(
        /GET https:\/\/127\.0\.0\.1:\d+\/api\/v1\/namespaces\/rights\/configmaps: status 403: configmaps is forbidden: .*; it needs the verbs list and watch on configmaps of the core group, as in deploy\/kubernetes\//,
      );
      const everywhere = await open({ read: ["secrets"] }, token);
      await expect(everywhere.read()).rejects.toMatchObject({ reason: "forbidden" });
    });

    it("needs no more than the rights of the manifest", async () => {
      const documents = parseAllDocuments(renderRbac()).map((document) => document.toJS() as Manifest);
      const rules = documents.flatMap(({ kind, rules }) => (kind === "ClusterRole" ? (rules ?? []) : []));
      expect(new Set(rules.flatMap(({ verbs }) => verbs))).toEqual(new Set(LIST_AND_WATCH));
      const { source, read } = await open({}, await cluster.login(rules));
      expect((await read()).missing).toEqual([]);
      const findings = (await source.check?.(never)) ?? [];
      expect(findings.filter(({ ok }) => !ok)).toEqual([]);
      expect(findings).toHaveLength(8);
    });

    it("checks each right, and names what stays hidden without it", async () => {
      const namespace = await makeNamespace("checked");
      const rights = { apiGroups: [""], namespace };
      const token = await cluster.login([
        { ...rights, resources: ["secrets"], verbs: LIST_AND_WATCH },
        { ...rights, resources: ["configmaps"], verbs: ["list"] },
      ]);
      const { source } = await open(
        { namespaces: [namespace], read: ["secrets", "configmaps", "certificates"] },
        token,
      );
      const [reachable, ...findings] = (await source.check?.(never)) ?? [];
      expect(reachable).toMatchObject({ subject: "kubernetes cluster", ok: true });
      expect(reachable?.message).toMatch(/^reachable, version v1\.\d+\.\d+/);
      expect(findings).toMatchObject([
        { subject: "right to secrets in namespace checked", ok: true, message: "granted" },
        {
          subject: "right to configmaps in namespace checked",
          ok: false,
          message: expect.stringMatching(/^lacks watch; /),
        },
        {
          subject: "right to certificates.cert-manager.io in namespace checked",
          ok: false,
          message: expect.stringMatching(/^lacks list and watch; .*watchkeeper-certificates-rbac\.yaml/),
          hides: expect.arrayContaining(["certmanager_certificate_ready_status"]),
        },
      ]);
    });

    it("says that the credential is not taken", async () => {
      const { read, source } = await open({ read: ["secrets"] }, "nobody-knows-this-token");
      await expect(read()).rejects.toMatchObject({
        reason: "unauthorized",
        message: expect.not.stringContaining("nobody-knows"),
      });
      expect(await source.check?.(never)).toMatchObject([
        { ok: false, message: expect.stringMatching(/^unauthorized: /) },
      ]);
    });

    it("says since when the API is away, and goes on where it was when it is back", async () => {
      const namespace = await makeNamespace("away");
      await makeTlsSecret(namespace, "before");
      const { read, until } = await open({ read: ["secrets"], namespaces: [namespace], keys: ["tls.crt"] });
      expect(shown(await read())).toEqual(["away/before/tls.crt: before.test"]);
      await cluster.stop();
      const told = await waitUntil("the source says so", () =>
        read().then(
          () => undefined,
          (error: unknown) => error,
        ),
      );
      expect(told).toMatchObject({
        reason: expect.stringMatching(/^connection_/),
        message: expect.stringMatching(/; so since \d{4}-\d\d-\d\d \d\d:\d\d UTC$/),
      });
      await cluster.start();
      await waitUntil("the API takes objects again", () => makeTlsSecret(namespace, "after").then(() => true));
      const reading = await until("the new Secret is seen", (reading) => reading.bundles.length === 2);
      expect(shown(reading)).toEqual(["away/after/tls.crt: after.test", "away/before/tls.crt: before.test"]);
      expect(reading.missing).toEqual([]);
    });

    it("reads its kubeconfig again when that changes", async () => {
      const namespace = await makeNamespace("renewed-login");
      await makeTlsSecret(namespace, "web");
      const kubeconfig = join(folder.path, "renewed-kubeconfig");
      const { read, until } = await open({ read: ["secrets"], namespaces: [namespace], kubeconfig_file: kubeconfig });
      await expect(read()).rejects.toMatchObject({
        reason: "credential_unreadable",
        message: expect.stringContaining(`the kubeconfig ${kubeconfig} is not usable: ENOENT`),
      });
      await writeFile(kubeconfig, kubeconfigFor(cluster, cluster.token));
      expect((await until("the Secret is seen", ({ bundles }) => bundles.length > 0)).missing).toEqual([]);
      expect(await readFile(kubeconfig, "utf8")).toContain(cluster.token);
    });
  });
}

interface Manifest {
  readonly kind: string;
  readonly rules?: readonly KubernetesRights[];
}
