/** A kind of object that the emulated API has. */
export interface LabKind {
  readonly group: string;
  readonly version: string;
  /** Plural name. */
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

const core = (resource: string, kind: string, namespaced = true): LabKind => ({
  group: "",
  version: "v1",
  resource,
  kind,
  namespaced,
});
const ofCluster = (group: string, resource: string, kind: string): LabKind => ({
  group,
  version: "v1",
  resource,
  kind,
  namespaced: false,
});

/** The kinds that every cluster has, of those that may hold certificates. */
export const KINDS: readonly LabKind[] = [
  core("namespaces", "Namespace", false),
  core("secrets", "Secret"),
  core("configmaps", "ConfigMap"),
  ofCluster("admissionregistration.k8s.io", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration"),
  ofCluster("admissionregistration.k8s.io", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration"),
  ofCluster("apiregistration.k8s.io", "apiservices", "APIService"),
  ofCluster("apiextensions.k8s.io", "customresourcedefinitions", "CustomResourceDefinition"),
];

/** What a path of the API means. */
export interface ApiPath {
  readonly kind: LabKind;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly isStatus: boolean;
}

/**
 * Reads a path such as `/apis/cert-manager.io/v1/namespaces/web/certificates/www/status`; undefined when no kind has
 * it.
 */
export function readPath(path: string, kinds: readonly LabKind[]): ApiPath | undefined {
  const parts = path.split("/").slice(1).map(decodeURIComponent);
  const [root, group] = parts;
  const rest = root === "api" ? parts.slice(1) : parts.slice(2);
  const [version, ...place] = rest;
  const isInNamespace = place[0] === "namespaces" && place.length > 2;
  const [resource, name, status] = isInNamespace ? place.slice(2) : place;
  const kind = kinds.find(
    (kind) => kind.group === (root === "api" ? "" : group) && kind.version === version && kind.resource === resource,
  );
  if (kind === undefined || (isInNamespace && !kind.namespaced)) return undefined;
  return { kind, namespace: isInNamespace ? place[1] : undefined, name, isStatus: status === "status" };
}
