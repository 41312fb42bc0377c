import { expect, it } from "vitest";
import {
  definitionObject,
  apiServiceObject,
  secretObject,
  secretsOf,
  webhooksObject,
} from "../helpers/kubernetes-objects.ts";
import { bundleAt, shown } from "../helpers/kubernetes-source.ts";
import { waitUntil } from "../helpers/wait-until.ts";
import type { KubernetesBench } from "./kubernetes-certificates-contract.ts";

/** What is read of the objects of a cluster. */
export function declareObjects({ calls, authority, open, issue, makeNamespace, makeTlsSecret }: KubernetesBench): void {
  it("finds nothing amiss with a cluster without cert-manager, and takes notice when it comes", async () => {
    const { read, until } = await open({ read: ["certificates"], namespaces: ["cm-later"] });
    expect(await read()).toEqual({ bundles: [], missing: [], managed: [] });
    await makeNamespace("cm-later");
    const definition = { group: "cert-manager.io", plural: "certificates", kind: "Certificate" };
    await calls().create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definitionObject(definition));
    const spec = { secretName: "www-tls", issuerRef: { name: "ca", kind: "ClusterIssuer" } };
    const certificate = { apiVersion: "cert-manager.io/v1", kind: "Certificate", metadata: { name: "www" }, spec };
    await waitUntil("the API knows the new kind", () =>
      calls()
        .create("/apis/cert-manager.io/v1/namespaces/cm-later/certificates", certificate)
        .then(() => true),
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
    await calls().create(secretsOf(namespace), secretObject("empty", { data: {} }));
    const { certificatePem } = await issue("cut.test");
    const broken = { "tls.crt": certificatePem.slice(0, 300) };
    await calls().create(secretsOf(namespace), secretObject("broken", { data: broken }));
    const reading = await (await open({ read: ["secrets"], namespaces: [namespace], keys: ["*"] })).read();
    expect(reading.missing).toEqual([]);
    expect(shown(reading)).toEqual(["tls/broken/tls.crt: ", "tls/web/ca.crt: Test CA", "tls/web/tls.crt: web.test"]);
    expect(bundleAt(reading, "tls/broken").faults).toHaveLength(1);
    expect(bundleAt(reading, "tls/web, key tls.crt")).toMatchObject({
      kind: "kube-secret",
      place: { secret_namespace: "tls", secret_name: "web", secret_key: "tls.crt" },
      where: "secret tls/web, key tls.crt in cluster",
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
      await calls().create(secretsOf(one), secretObject(name, { type, data, ...(labels && { labels }) }));
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
    await calls().patch(`${secretsOf(namespace)}/renewed`, { data });
    await calls().remove(`${secretsOf(namespace)}/removed`);
    await makeTlsSecret(namespace, "added");
    const after = await until("all changes are seen", (reading) =>
      ["added", "new"].every((name) => shown(reading).some((text) => text.includes(`${name}.test`))),
    );
    expect(shown(after)).toEqual([
      "changes/added/tls.crt: added.test",
      "changes/renewed/tls.crt: new.test",
      "changes/same/tls.crt: same.test",
    ]);
    expect(bundleAt(after, "changes/same")).toBe(bundleAt(before, "changes/same"));
  });

  it("reads ConfigMaps, text and binary, and passes over what is no certificate", async () => {
    const namespace = await makeNamespace("maps");
    const { certificatePem } = await issue("der.test");
    const der = certificatePem.replaceAll(/-----.*?-----|\s/g, "");
    const object = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "trust" },
      data: { "ca-bundle.pem": authority().certificatePem, "bundle.js": "export {};", note: certificatePem },
      binaryData: { "leaf.cer": der },
    };
    await calls().create(`/api/v1/namespaces/${namespace}/configmaps`, object);
    const reading = await (await open({ read: ["configmaps"], namespaces: [namespace] })).read();
    expect(shown(reading)).toEqual(["maps/trust/ca-bundle.pem: Test CA", "maps/trust/leaf.cer: der.test"]);
    expect(bundleAt(reading, "leaf.cer")).toMatchObject({
      kind: "kube-configmap",
      place: { configmap_namespace: "maps", configmap_name: "trust", configmap_key: "leaf.cer" },
      faults: [],
    });
  });

  it("reads the authorities of webhooks, API services and conversions", async () => {
    const pem = authority().certificatePem;
    const admission = "/apis/admissionregistration.k8s.io/v1";
    const both = { "a.test.io": pem, "b.test.io": "" };
    await calls().create(
      `${admission}/validatingwebhookconfigurations`,
      webhooksObject("ValidatingWebhookConfiguration", "wk-checks", both),
    );
    await calls().create(
      `${admission}/mutatingwebhookconfigurations`,
      webhooksObject("MutatingWebhookConfiguration", "wk-checks", { "c.test.io": pem }),
    );
    await calls().create("/apis/apiregistration.k8s.io/v1/apiservices", apiServiceObject("wk.test.io", pem));
    const definition = { group: "wk-conv.test.io", plural: "things", kind: "Thing", converterPem: pem };
    await calls().create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definitionObject(definition));
    const reading = await (await open({ read: ["cabundles"] })).read();
    expect(reading.missing).toEqual([]);
    expect(shown(reading).filter((text) => text.includes("wk"))).toEqual([
      "APIService/v1.wk.test.io: Test CA",
      "CustomResourceDefinition/things.wk-conv.test.io: Test CA",
      "MutatingWebhookConfiguration/wk-checks/c.test.io: Test CA",
      "ValidatingWebhookConfiguration/wk-checks/a.test.io: Test CA",
    ]);
    expect(bundleAt(reading, "MutatingWebhookConfiguration wk-checks")).toMatchObject({
      kind: "kube-cabundle",
      place: {
        cabundle_resource_kind: "MutatingWebhookConfiguration",
        cabundle_resource_name: "wk-checks",
        cabundle_entry: "c.test.io",
      },
    });
    await calls().remove("/apis/apiregistration.k8s.io/v1/apiservices/v1.wk.test.io");
    await calls().remove(`${admission}/mutatingwebhookconfigurations/wk-checks`);
    await calls().remove(`${admission}/validatingwebhookconfigurations/wk-checks`);
  });

  it("reads what cert-manager says, and when it means to renew what is in the Secret", async () => {
    const namespace = await makeNamespace("managed");
    await makeTlsSecret(namespace, "www-tls");
    await makeTlsSecret(namespace, "by-hand");
    const path = `/apis/cert-manager.io/v1/namespaces/${namespace}/certificates`;
    const spec = { secretName: "www-tls", dnsNames: ["www.test"], issuerRef: { name: "ca" } };
    await calls().create(path, {
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
    await calls().patch(`${path}/www/status`, { status });
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
    expect(bundleAt(reading, "managed/www-tls").renewalTime).toBe(Date.parse("2027-01-01T00:00:00Z") / 1000);
    expect(bundleAt(reading, "managed/by-hand")).not.toHaveProperty("renewalTime");
  });

  it("reads more objects than a page holds", async () => {
    const namespace = await makeNamespace("many");
    const { certificatePem } = await issue("many.test");
    const data = { "tls.crt": certificatePem };
    const names = Array.from({ length: 520 }, (_, index) => `secret-${index}`);
    while (names.length > 0) {
      const some = names.splice(0, 8);
      await Promise.all(some.map((name) => calls().create(secretsOf(namespace), secretObject(name, { data }))));
    }
    const { bundles } = await (await open({ read: ["secrets"], namespaces: [namespace] })).read();
    expect(bundles).toHaveLength(520);
  });
}
