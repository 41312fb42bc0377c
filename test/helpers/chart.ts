import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { packageRoot } from "../../src/lib/package.ts";
import { runProgram, type RunResult } from "./process.ts";

/** An object of Kubernetes, as far as tests look at every kind of it. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [key: string]: unknown;
}

/** Values of the chart. */
export type ChartValues = Readonly<Record<string, unknown>>;

/** Folder of the chart. */
export const chartFolder = join(packageRoot, "deploy/helm/watchkeeper");

/** Name of the release, and the namespace that it is rendered for. */
export const RELEASE = { name: "watchkeeper", namespace: "monitoring" } as const;

/** The values of a file in the chart's examples. */
export const exampleValues = async (name: string): Promise<ChartValues> =>
  parseAllDocuments(await readFile(join(chartFolder, `examples/${name}.yaml`), "utf8"))[0]?.toJS() as ChartValues;

/** Runs `helm template` with values, which need not end well. */
export const runTemplate = (helm: string, values: ChartValues): Promise<RunResult> =>
  runProgram(helm, ["template", RELEASE.name, chartFolder, "--namespace", RELEASE.namespace, "--values", "-"], {
    stdin: JSON.stringify(values),
  });

/** The text of what the chart makes of values. Throws what Helm says when it refuses them. */
export async function chartText(helm: string, values: ChartValues): Promise<string> {
  const { code, stdout, stderr } = await runTemplate(helm, values);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

/** The objects that the chart makes of values. Throws what Helm says when it refuses them. */
export const renderChart = async (helm: string, values: ChartValues): Promise<readonly Manifest[]> =>
  readManifests(await chartText(helm, values));

/** The objects that Kustomize makes of a folder below deploy/kustomize. Throws what it says when it can not. */
export async function renderKustomize(kubectl: string, folder: string): Promise<readonly Manifest[]> {
  const path = join(packageRoot, "deploy/kustomize", folder);
  const { code, stdout, stderr } = await runProgram(kubectl, ["kustomize", path]);
  if (code !== 0) throw new Error(stderr);
  return readManifests(stdout);
}

/** The objects of a file with several YAML documents; throws for a key that stands there twice. */
export const readManifests = (text: string): readonly Manifest[] =>
  parseAllDocuments(text).flatMap((document) => {
    if (document.errors[0]) throw document.errors[0];
    const manifest = document.toJS() as Manifest | null;
    return manifest === null ? [] : [manifest];
  });

/** The one object of a kind, by its name where there are several. Throws when there is none, or more than one. */
export function theOne(manifests: readonly Manifest[], kind: string, name?: string): Manifest {
  const found = manifests.filter((one) => one.kind === kind && (name === undefined || one.metadata.name === name));
  if (found.length === 1 && found[0]) return found[0];
  throw new Error(`${found.length} objects of kind ${kind} ${name ?? ""}, not one`);
}
