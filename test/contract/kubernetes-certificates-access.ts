import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { renderRbac } from "../../src/collectors/certificates/stored/kubernetes/rbac.ts";
import { CollectError } from "../../src/core/errors.ts";
import { kubeconfigFor, type KubernetesRights } from "../helpers/kubernetes-api.ts";
import { never, shown } from "../helpers/kubernetes-source.ts";
import { waitUntil } from "../helpers/wait-until.ts";
import type { KubernetesBench } from "./kubernetes-certificates-contract.ts";

const LIST_AND_WATCH = ["list", "watch"];

interface Manifest {
  readonly kind: string;
  readonly rules?: readonly KubernetesRights[];
}

/** What comes of rights, credentials and an API server that is away. */
export function declareAccess({ cluster, folder, open, makeNamespace, makeTlsSecret }: KubernetesBench): void {
  it("says which right lacks and reads the rest", async () => {
    const namespace = await makeNamespace("rights");
    await makeTlsSecret(namespace, "web");
    const token = await cluster().login([
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
    const { source, read } = await open({}, await cluster().login(rules));
    expect((await read()).missing).toEqual([]);
    const findings = (await source.check?.(never)) ?? [];
    expect(findings.filter(({ ok }) => !ok)).toEqual([]);
    expect(findings).toHaveLength(8);
  });

  it("checks each right, and names what stays hidden without it", async () => {
    const namespace = await makeNamespace("checked");
    const rights = { apiGroups: [""], namespace };
    const token = await cluster().login([
      { ...rights, resources: ["secrets"], verbs: LIST_AND_WATCH },
      { ...rights, resources: ["configmaps"], verbs: ["list"] },
    ]);
    const { source } = await open({ namespaces: [namespace], read: ["secrets", "configmaps", "certificates"] }, token);
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
    await cluster().stop();
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
    await cluster().start();
    await waitUntil("the API takes objects again", () => makeTlsSecret(namespace, "after").then(() => true));
    const reading = await until("the new Secret is seen", (reading) => reading.bundles.length === 2);
    expect(shown(reading)).toEqual(["away/after/tls.crt: after.test", "away/before/tls.crt: before.test"]);
    expect(reading.missing).toEqual([]);
  });

  it("reads its kubeconfig again when that changes", async () => {
    const namespace = await makeNamespace("renewed-login");
    await makeTlsSecret(namespace, "web");
    const kubeconfig = join(folder().path, "renewed-kubeconfig");
    const { read, until } = await open({ read: ["secrets"], namespaces: [namespace], kubeconfig_file: kubeconfig });
    await expect(read()).rejects.toMatchObject({
      reason: "credential_unreadable",
      message: expect.stringContaining(`the kubeconfig ${kubeconfig} is not usable: ENOENT`),
    });
    // nothing listens on port 1
    await writeFile(kubeconfig, kubeconfigFor({ ...cluster(), url: "https://127.0.0.1:1" }, cluster().token));
    await waitUntil("it has read the file", () =>
      read().catch((error: unknown) => error instanceof CollectError && error.reason === "connection_refused"),
    );
    await writeFile(kubeconfig, kubeconfigFor(cluster(), cluster().token));
    expect((await until("the Secret is seen", ({ bundles }) => bundles.length > 0)).missing).toEqual([]);
  });
}
