import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { packageRoot } from "../../src/lib/package.ts";
import { SCHEMA_FILES, writeSchemas, type OpenApi } from "./chart-schemas.ts";
import { createTemporaryFolder } from "./janitor.ts";
import { kubeconfigFor } from "./kubernetes-api.ts";
import { startKubernetes } from "./kubernetes-server.ts";
import { runProgram, type RunResult } from "./process.ts";
import { waitUntil } from "./wait-until.ts";

/** Definitions of foreign kinds, which test/real/install-kubernetes.sh fetched. */
const DEFINITIONS = join(packageRoot, ".cache/real/kubernetes-checks/crds");

/** A cluster that knows the foreign kinds, with namespaces under the restricted Pod Security standard. */
export interface ChartCluster {
  /** Runs kubectl, or helm, against the cluster. */
  run(program: string, args: readonly string[], stdin?: string): Promise<RunResult>;
  /** Where kubeconform finds the schemas of the cluster's kinds. */
  readonly schemas: string;
  close(): Promise<void>;
}

/** Starts a real API server for manifests. Rejects when one of its foreign kinds is not served after a while. */
export async function startChartCluster(paths: {
  readonly "kubernetes-api": string;
  readonly kubectl: string;
}): Promise<ChartCluster> {
  const folder = await createTemporaryFolder("chart-cluster");
  const cluster = await startKubernetes(paths["kubernetes-api"]);
  const close = async (): Promise<void> => {
    await cluster.close();
    await folder.remove();
  };
  const kubeconfig = join(folder.path, "kubeconfig");
  const env = { KUBECONFIG: kubeconfig, HELM_CACHE_HOME: folder.path, HELM_CONFIG_HOME: folder.path };
  const run: ChartCluster["run"] = (program, args, stdin = "") => runProgram(program, args, { env, stdin });
  const must = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(paths.kubectl, args);
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  try {
    await writeFile(kubeconfig, kubeconfigFor(cluster, cluster.token), { mode: 0o600 });
    await must("apply", "--server-side", "-f", DEFINITIONS);
    for (const name of ["monitoring", "watchkeeper", "web", "mail", "argocd"]) {
      await must("create", "namespace", name);
      const levels = ["enforce", "warn"].map((mode) => `pod-security.kubernetes.io/${mode}=restricted`);
      await must("label", "namespace", name, ...levels);
    }
    const openApi = await waitUntil("foreign kinds are in the OpenAPI description", async () => {
      const { definitions } = JSON.parse(await must("get", "--raw", "/openapi/v2")) as OpenApi;
      const names = Object.keys(definitions).join(" ");
      const all = ["ServiceMonitor", "PrometheusRule", "AlertmanagerConfig", "ExternalSecret", "Application"];
      return all.every((kind) => new RegExp(`\\.${kind}( |$)`).test(names)) ? { definitions } : undefined;
    });
    const schemas = join(folder.path, "schemas");
    await mkdir(schemas);
    await writeSchemas(openApi, schemas);
    return { run, schemas: join(schemas, SCHEMA_FILES), close };
  } catch (error) {
    await close();
    throw error;
  }
}
