import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { kinds } from "../../src/cli/kinds.ts";
import { settingsTree } from "../../src/config/settings-tree.ts";
import { startEchoLab, type EchoLab } from "./echo-lab.ts";
import { createTemporaryFolder } from "./janitor.ts";
import { kubeconfigFor } from "./kubernetes-api.ts";
import { postgresSkeleton, skeletonOf, SKELETONS, type SkeletonFiles } from "./planted-configuration.ts";
import { aSecret, leaksIn, plantSecrets, type Planted, type Way } from "./planted-secrets.ts";

/** Where configurations with secrets are made. */
export interface Nursery {
  readonly lab: EchoLab;
  /** Path of the folder that holds the files which they name. */
  readonly folder: string;
  /** Settings with secrets of one way, by the branches that they have; the last have their store in PostgreSQL. */
  plant(way: Way): Promise<readonly Planted[]>;
  close(): Promise<void>;
}

/** The schema that has a mark at every field for a secret. */
export const settingsRoot = settingsTree(kinds);

/** Starts the servers that the configurations name. */
export async function startNursery(): Promise<Nursery> {
  const [lab, folder] = await Promise.all([startEchoLab(), createTemporaryFolder("secrets")]);
  const files = await writeSkeletonFiles(lab, folder.path);
  return {
    lab,
    folder: folder.path,
    plant: (way) => plantAll(way, { lab, files, folder: folder.path }),
    async close() {
      await lab.close();
      await folder.remove();
    },
  };
}

async function writeSkeletonFiles(lab: EchoLab, folder: string): Promise<SkeletonFiles> {
  const path = (name: string): string => join(folder, name);
  const found = {
    kubeconfig: path("kubeconfig"),
    keyStore: path("store.p12"),
    jwt: path("jwt"),
    slo: path("slo.yaml"),
  };
  const cluster = { url: lab.secure.url, caPem: lab.authority.certificatePem };
  await Promise.all([
    writeFile(found.kubeconfig, kubeconfigFor(cluster, aSecret("kubeconfig"))),
    writeFile(found.keyStore, "no key store"),
    writeFile(found.jwt, aSecret("jwt")),
    writeFile(found.slo, JSON.stringify(OBJECTIVE)),
  ]);
  return found;
}

const OBJECTIVE = {
  version: "watchkeeper/v1",
  service: "shop",
  slos: [{ name: "availability", objective: 99, sli: { up: { metric: "up" } } }],
};

interface Ground {
  readonly lab: EchoLab;
  readonly files: SkeletonFiles;
  readonly folder: string;
}

async function plantAll(way: Way, { lab, files, folder }: Ground): Promise<readonly Planted[]> {
  const skeletons = [
    ...Array.from({ length: SKELETONS }, (_, nth) => skeletonOf(lab, files, nth)),
    postgresSkeleton(lab),
  ];
  const planted = skeletons.map((skeleton, nth) =>
    plantSecrets(skeleton, {
      root: settingsRoot,
      way,
      label: `${way}${nth}`,
      folder,
      url: lab.plain.url,
      databasePort: lab.databasePort,
    }),
  );
  const texts = planted.flatMap((one) => [...one.files]);
  await Promise.all(texts.map(([file, text]) => writeFile(file, text)));
  return planted;
}

/** Copies settings with every planted secret replaced by what is made of it and its key. */
export function mapSecrets(value: unknown, change: (key: string, secret: string) => object): object {
  if (Array.isArray(value)) return value.map((one) => (isObject(one) ? mapSecrets(one, change) : (one as object)));
  const entries = Object.entries(value as object).map(([key, one]: [string, unknown]): object => {
    if (typeof one === "string" && leaksIn(one).length > 0) return change(key, one);
    return { [key]: isObject(one) ? mapSecrets(one, change) : one };
  });
  return Object.assign({}, ...entries) as object;
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
