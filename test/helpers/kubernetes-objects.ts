/** The path of the Secrets of a namespace. */
export const secretsOf = (namespace: string): string => `/api/v1/namespaces/${namespace}/secrets`;

/** A namespace; all objects here have no more than what tests need. */
export const namespaceObject = (name: string): object => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });

/** What a Secret of a test is made of. */
export interface SecretParts {
  readonly type?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string | Uint8Array>>;
}

const base64 = (value: string | Uint8Array): string => Buffer.from(value).toString("base64");

/** A Secret; of the type `kubernetes.io/tls` unless given, whose two keys it then has at least. */
export function secretObject(name: string, { type = "kubernetes.io/tls", labels, data }: SecretParts): object {
  const all = type === "kubernetes.io/tls" ? { "tls.crt": "", "tls.key": "", ...data } : data;
  return {
    apiVersion: "v1",
    kind: "Secret",
    type,
    metadata: { name, ...(labels !== undefined && { labels }) },
    data: Object.fromEntries(Object.entries(all).map(([key, value]) => [key, base64(value)])),
  };
}

/** A webhook configuration with one webhook for each authority; it applies to nothing. */
export function webhooksObject(
  kind: "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration",
  name: string,
  authorities: Readonly<Record<string, string>>,
): object {
  const webhooks = Object.entries(authorities).map(([webhook, pem]) => ({
    name: webhook,
    clientConfig: { url: "https://127.0.0.1:9/none", ...(pem !== "" && { caBundle: base64(pem) }) },
    admissionReviewVersions: ["v1"],
    sideEffects: "None",
    failurePolicy: "Ignore",
    rules: [],
  }));
  return { apiVersion: "admissionregistration.k8s.io/v1", kind, metadata: { name }, webhooks };
}

/** An API service behind a server that does not exist. */
export const apiServiceObject = (group: string, pem: string): object => ({
  apiVersion: "apiregistration.k8s.io/v1",
  kind: "APIService",
  metadata: { name: `v1.${group}` },
  spec: {
    group,
    version: "v1",
    groupPriorityMinimum: 1000,
    versionPriority: 10,
    service: { name: "none", namespace: "default" },
    caBundle: base64(pem),
  },
});

/** What a CustomResourceDefinition is made of. */
export interface DefinitionParts {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
  /** Authority of the server that converts between its versions. */
  readonly converterPem?: string;
}

/** A CustomResourceDefinition in version v1 that takes any fields, with a status of its own. */
export function definitionObject({ group, plural, kind, converterPem }: DefinitionParts): object {
  const conversion = {
    strategy: "Webhook",
    webhook: {
      conversionReviewVersions: ["v1"],
      clientConfig: { url: "https://127.0.0.1:9/convert", caBundle: base64(converterPem ?? "") },
    },
  };
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List` },
      versions: [{ name: "v1", served: true, storage: true, schema, subresources: { status: {} } }],
      ...(converterPem !== undefined && { conversion }),
    },
  };
}
