import type { EntityKind } from "../../core/entity-kinds.ts";
import type { Entity } from "../../core/evidence.ts";

/** Labels that name a thing of the kind by themselves, as whoever tells of changes spells them. */
const NAMES: Readonly<Partial<Record<EntityKind, RegExp>>> = {
  service:
    /^(?:exported_)?(?:service|service[._]name|app|application|job|component|workload|deployment|statefulset|daemonset|container|(?:label_)?app[._]kubernetes[._]io[._/](?:name|instance)|k8s[._](?:deployment|statefulset|daemonset|container)[._]name)$/,
  namespace: /^(?:exported_)?(?:namespace|service[._]namespace|(?:k8s|kubernetes)[._]namespace(?:[._]name)?)$/,
  pod: /^(?:exported_)?(?:pod|pod_name|(?:k8s|kubernetes)[._]pod[._]name)$/,
  node: /^(?:node|nodename|host|hostname|host[._]name|instance|(?:k8s|kubernetes)[._]node[._]name)$/,
  guest: /^(?:guest|name|vm|id|vmid)$/,
  storage: /^(?:storage|storage_name)$/,
  pool: /^(?:pool|zpool)$/,
  dataset: /^(?:dataset|name)$/,
  certificate: /^(?:certificate|location|endpoint|instance|cn|subject)$/,
  vault_node: /^(?:vault_node|node|instance)$/,
};

/** Labels that say where a thing is, and not which. */
const WHERE = ["namespace", "target", "cluster"];

/**
 * Whether labels are about a thing: they are those by which it is found, or one that names things of its kind has its
 * name, so that a team, a namespace or a service of one name are three things; and none says that it is elsewhere.
 */
export function isAbout(
  labels: Readonly<Record<string, string>>,
  { kind, name, labels: own, also = [] }: Entity,
): boolean {
  if ([own, ...also].some((set) => isFoundBy(set, labels))) return true;
  const known = new Set([own, ...also].flatMap((set) => Object.keys(set).filter((label) => set[label] === name)));
  const isNamed = Object.entries(labels).some(
    ([label, value]) => bare(label, value) === name && (known.has(label) || (NAMES[kind]?.test(label) ?? false)),
  );
  return isNamed && !WHERE.some((label) => isOther(labels[label], own[label], name));
}

const isFoundBy = (set: Entity["labels"], labels: Entity["labels"]): boolean =>
  Object.keys(set).some((label) => set[label] !== "" && !WHERE.includes(label)) &&
  Object.entries(set).every(([label, value]) => (labels[label] ?? "") === value);

/** Without an instance's port, and without the namespace that OpenTelemetry writes before a job. */
const bare = (label: string, value: string): string =>
  label === "instance" ? value.replace(/:\d+$/, "") : label === "job" ? value.replace(/^.*\//, "") : value;

const isOther = (value: string | undefined, own: string | undefined, name: string): boolean =>
  value !== undefined && own !== undefined && own !== "" && value !== own && value !== name;
