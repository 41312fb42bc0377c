import { createHttpClient } from "../../src/lib/http/client.ts";
import { Secret } from "../../src/core/secret.ts";

/** What somebody may do, in the words of an RBAC role, in one namespace or in the whole cluster. */
export interface KubernetesRights {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly namespace?: string;
}

/** A Kubernetes API, emulated or real. */
export interface KubernetesCluster {
  readonly url: string;
  readonly caPem: string;
  /** A bearer token that may do everything. */
  readonly token: string;
  /** Makes a bearer token that may do only this. */
  login(rights: readonly KubernetesRights[]): Promise<string>;
  /** Ends the API server; the objects stay. */
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** The calls that tests make to change a cluster. */
export interface KubernetesCalls {
  create(path: string, object: object): Promise<void>;
  /** Merges into the object; a status only by a path that ends in `/status`. */
  patch(path: string, object: object): Promise<void>;
  remove(path: string): Promise<void>;
  close(): Promise<void>;
}

/** Calls the API with the token that may do everything. */
export function kubernetesCalls({
  url,
  caPem,
  token,
}: Pick<KubernetesCluster, "url" | "caPem" | "token">): KubernetesCalls {
  const http = createHttpClient({ ca: caPem, maxConnections: 8 });
  const call = async (method: "POST" | "PATCH" | "DELETE", path: string, body?: object): Promise<void> => {
    const type = method === "PATCH" ? { "content-type": "application/merge-patch+json" } : {};
    await http.request({
      method,
      url: `${url}${path}`,
      headers: { authorization: new Secret(`Bearer ${token}`), ...type },
      ...(body !== undefined && { body }),
    });
  };
  return {
    create: (path, object) => call("POST", path, object),
    patch: (path, object) => call("PATCH", path, object),
    remove: (path) => call("DELETE", path),
    close: () => http.close(),
  };
}

/** A kubeconfig that shows the token. */
export function kubeconfigFor({ url, caPem }: Pick<KubernetesCluster, "url" | "caPem">, token: string): string {
  const cluster = { server: url, "certificate-authority-data": Buffer.from(caPem).toString("base64") };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster }],
    users: [{ name: "test", user: { token } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    "current-context": "test",
  });
}
