import { printYaml } from "../../../../lib/yaml.ts";
import { RESOURCES, type Resource } from "./resources.ts";

/** Where {@link renderRbac} is written, from the root of the repository. */
export const RBAC_FILE = "deploy/kubernetes/watchkeeper-certificates-rbac.yaml";

/** The verbs that following a kind needs. */
export const VERBS = ["list", "watch"] as const;

const SUBJECT = { kind: "ServiceAccount", name: "watchkeeper", namespace: "watchkeeper" };
const IN_NAMESPACES = "watchkeeper-certificates-namespaced";
const OF_CLUSTER = "watchkeeper-certificates-cluster";
const API_GROUP = "rbac.authorization.k8s.io";
const API_VERSION = `${API_GROUP}/v1`;

const HEAD = `# What Watchkeeper reads of a Kubernetes cluster for its certificates, and nothing else.
# Written by \`watchkeeper generate\`.
#
# As it stands, all namespaces are read. To read only some (\`namespaces\` in the configuration), delete the first
# ClusterRoleBinding and put this into each of them instead:
#
`;

/** The least rights that show everything, as manifests for \`kubectl apply\`. */
export function renderRbac(): string {
  const manifests = [
    clusterRole(
      IN_NAMESPACES,
      RESOURCES.filter(({ namespaced }) => namespaced),
    ),
    clusterRoleBinding(IN_NAMESPACES),
    clusterRole(
      OF_CLUSTER,
      RESOURCES.filter(({ namespaced }) => !namespaced),
    ),
    clusterRoleBinding(OF_CLUSTER),
  ];
  return `${HEAD}${comment(printYaml(roleBinding("web")))}---\n${manifests.map(printYaml).join("---\n")}`;
}

function clusterRole(name: string, resources: readonly Resource[]): object {
  const groups = Map.groupBy(resources, ({ group }) => group);
  const rules = [...groups].map(([group, members]) => ({
    apiGroups: [group],
    resources: members.map(({ name }) => name),
    verbs: [...VERBS],
  }));
  return { apiVersion: API_VERSION, kind: "ClusterRole", metadata: { name }, rules };
}

const clusterRoleBinding = (name: string): object => ({
  apiVersion: API_VERSION,
  kind: "ClusterRoleBinding",
  metadata: { name },
  roleRef: { apiGroup: API_GROUP, kind: "ClusterRole", name },
  subjects: [SUBJECT],
});

const roleBinding = (namespace: string): object => ({
  apiVersion: API_VERSION,
  kind: "RoleBinding",
  metadata: { name: IN_NAMESPACES, namespace },
  roleRef: { apiGroup: API_GROUP, kind: "ClusterRole", name: IN_NAMESPACES },
  subjects: [SUBJECT],
});

const comment = (text: string): string => text.replaceAll(/^/gm, "# ").replace(/# $/, "");
