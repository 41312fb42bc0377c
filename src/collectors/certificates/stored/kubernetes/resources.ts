import type { CertificatesConfig } from "../../config.ts";
import { certificates } from "../../metrics.ts";

/** One entry of `kubernetes` in the configuration. */
export type KubernetesEntry = CertificatesConfig["kubernetes"][number];

/** One of the values of `read` in the configuration. */
export type ReadKind = KubernetesEntry["read"][number];

/** A kind of object of the Kubernetes API that may hold certificates. */
export interface Resource {
  /** Plural name, as paths and rights have it. */
  readonly name: string;
  /** API group; empty for the core one. */
  readonly group: string;
  readonly version: string;
  /** The object's `kind`. */
  readonly kind: string;
  readonly of: ReadKind;
  readonly namespaced: boolean;
  /** Whether a cluster can well be without it: the API then does not know its path. */
  readonly optional: boolean;
}

const { managedReady, managedExpiry, managedRenewal, managedFailures, ...stored } = certificates;
const managed = [managedReady, managedExpiry, managedRenewal, managedFailures];
const { notAfter, notBefore, expired, crlNextUpdate } = stored;
const found = [notAfter, notBefore, expired];

/** Names of the metrics that stay absent without the right to read a kind. */
export const HIDDEN_WITHOUT: Readonly<Record<ReadKind, readonly string[]>> = {
  secrets: [...found, crlNextUpdate].map(({ name }) => name),
  configmaps: [...found, crlNextUpdate].map(({ name }) => name),
  cabundles: found.map(({ name }) => name),
  certificates: managed.map(({ name }) => name),
};

const BUILT_IN = { optional: false } as const;
const OF_CLUSTER = { ...BUILT_IN, of: "cabundles", namespaced: false, version: "v1" } as const;

/** Everything that can be read of a cluster; the rights that are asked for are made from it. */
export const RESOURCES = [
  { ...BUILT_IN, name: "secrets", group: "", version: "v1", kind: "Secret", of: "secrets", namespaced: true },
  { ...BUILT_IN, name: "configmaps", group: "", version: "v1", kind: "ConfigMap", of: "configmaps", namespaced: true },
  {
    ...OF_CLUSTER,
    name: "validatingwebhookconfigurations",
    group: "admissionregistration.k8s.io",
    kind: "ValidatingWebhookConfiguration",
  },
  {
    ...OF_CLUSTER,
    name: "mutatingwebhookconfigurations",
    group: "admissionregistration.k8s.io",
    kind: "MutatingWebhookConfiguration",
  },
  { ...OF_CLUSTER, name: "apiservices", group: "apiregistration.k8s.io", kind: "APIService" },
  { ...OF_CLUSTER, name: "customresourcedefinitions", group: "apiextensions.k8s.io", kind: "CustomResourceDefinition" },
  {
    name: "certificates",
    group: "cert-manager.io",
    version: "v1",
    kind: "Certificate",
    of: "certificates",
    namespaced: true,
    optional: true,
  },
] as const satisfies readonly Resource[];

/** One list that is followed: a kind of object, in one namespace or in all of them. */
export interface Collection {
  readonly resource: (typeof RESOURCES)[number];
  readonly namespace?: string;
  /** Path of the list, from the root of the API. */
  readonly path: string;
  /** Selectors; the same for the list and its watch. */
  readonly query: Readonly<Record<string, string>>;
  /** Name in words, such as `secrets in namespace web`. */
  readonly piece: string;
}

/** The lists that an entry of the configuration wants followed. */
export function collectionsOf(entry: KubernetesEntry): readonly Collection[] {
  const wanted = RESOURCES.filter(({ of }) => entry.read.includes(of));
  return wanted.flatMap((resource) => {
    const types = resource.of === "secrets" && entry.secret_types.length > 0 ? entry.secret_types : [undefined];
    return placesOf(resource, entry).flatMap((namespace) =>
      types.map((type): Collection => {
        return {
          resource,
          ...(namespace !== undefined && { namespace }),
          path: pathOf(resource, namespace),
          query: selectorsOf(resource, entry, { namespace, type }),
          piece: namespace === undefined ? resource.name : `${resource.name} in namespace ${namespace}`,
        };
      }),
    );
  });
}

/** The namespaces to read a kind in; undefined for the whole cluster at once. */
export function placesOf({ namespaced }: Resource, entry: KubernetesEntry): readonly (string | undefined)[] {
  if (!namespaced || entry.namespaces.length === 0) return [undefined];
  return [...new Set(entry.namespaces)].filter((namespace) => !entry.exclude_namespaces.includes(namespace));
}

function pathOf({ group, version, name }: Resource, namespace: string | undefined): string {
  const api = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  return namespace === undefined ? `${api}/${name}` : `${api}/namespaces/${encodeURIComponent(namespace)}/${name}`;
}

interface Narrowed {
  readonly namespace: string | undefined;
  readonly type: string | undefined;
}

function selectorsOf(resource: Resource, entry: KubernetesEntry, { namespace, type }: Narrowed) {
  const excluded = resource.namespaced && namespace === undefined ? entry.exclude_namespaces : [];
  const fields = [
    ...(type === undefined ? [] : [`type=${type}`]),
    ...excluded.map((name) => `metadata.namespace!=${name}`),
  ];
  const hasLabels = (resource.of === "secrets" || resource.of === "configmaps") && entry.label_selector !== "";
  return {
    ...(fields.length > 0 && { fieldSelector: fields.join(",") }),
    ...(hasLabels && { labelSelector: entry.label_selector }),
  };
}
