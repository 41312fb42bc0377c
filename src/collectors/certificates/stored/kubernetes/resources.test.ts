import { describe, expect, test } from "vitest";
import { certificatesConfig } from "../../config.ts";
import { collectionsOf, type Collection } from "./resources.ts";

function collections(settings: object): readonly Collection[] {
  const [entry] = certificatesConfig.parse({ name: "test", kubernetes: [settings] }).kubernetes;
  if (entry === undefined) throw new Error("no entry");
  return collectionsOf(entry);
}

const asked = (settings: object): string[] =>
  collections(settings).map(({ path, query }) => {
    const text = Object.entries(query).map(([name, value]) => ` ${name}: ${value}`);
    return `${path}${text.join("")}`;
  });

describe("what is listed of a cluster", () => {
  test("all kinds of all namespaces by default", () => {
    expect(asked({})).toEqual([
      "/api/v1/secrets fieldSelector: type=kubernetes.io/tls",
      "/api/v1/configmaps",
      "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
      "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
      "/apis/apiregistration.k8s.io/v1/apiservices",
      "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
      "/apis/cert-manager.io/v1/certificates",
    ]);
  });

  test("namespaces one by one when they are named, and never one that is left out", () => {
    expect(asked({ read: ["certificates"], namespaces: ["a", "b", "a", "c"], exclude_namespaces: ["c"] })).toEqual([
      "/apis/cert-manager.io/v1/namespaces/a/certificates",
      "/apis/cert-manager.io/v1/namespaces/b/certificates",
    ]);
  });

  test("Secrets by type, label and namespace, of which the server takes care", () => {
    const settings = {
      read: ["secrets", "certificates", "cabundles"],
      secret_types: ["Opaque", "kubernetes.io/tls"],
      exclude_namespaces: ["kube-system", "dev"],
      label_selector: "app=web",
    };
    const outside = "metadata.namespace!=kube-system,metadata.namespace!=dev";
    expect(asked(settings).filter((text) => !text.includes("k8s.io/v1"))).toEqual([
      `/api/v1/secrets fieldSelector: type=Opaque,${outside} labelSelector: app=web`,
      `/api/v1/secrets fieldSelector: type=kubernetes.io/tls,${outside} labelSelector: app=web`,
      `/apis/cert-manager.io/v1/certificates fieldSelector: ${outside}`,
    ]);
    expect(asked({ read: ["secrets"], secret_types: [] })).toEqual(["/api/v1/secrets"]);
  });
});
