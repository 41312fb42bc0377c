import { FolderBuilder, manifest } from "@grafana/grafana-foundation-sdk/folderv1";
import { printYaml } from "../../lib/yaml.ts";
import type { DashboardFormat } from "../formats/formats.ts";
import { operatorFolder, operatorSources, sidecarSources } from "./cluster.ts";
import { FOLDER } from "../folder.ts";
import { dashboardsFile, dataSourcesFile } from "./grafana-files.ts";

/** A file that provisions Grafana. */
interface ProvisioningFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** What has to be there besides the dashboards: data sources, the folder, or what finds the dashboards' files. */
export const provisioningFiles = (format: DashboardFormat): readonly ProvisioningFile[] => FILES[format]();

const FILES: Readonly<Record<DashboardFormat, () => readonly ProvisioningFile[]>> = {
  files: () => [
    yaml("provisioning/datasources/watchkeeper.yaml", dataSourcesFile()),
    yaml("provisioning/dashboards/watchkeeper.yaml", dashboardsFile()),
  ],
  sidecar: () => [yaml("sidecar/datasources.yaml", sidecarSources(written(dataSourcesFile())))],
  operator: () => [
    yaml("operator/datasources.yaml", ...operatorSources()),
    yaml("operator/folder.yaml", operatorFolder()),
  ],
  v2: () => [{ path: at("v2/folder.json"), text: `${JSON.stringify(v2Folder(), null, 2)}\n` }],
};

const at = (name: string): string => `deploy/grafana/${name}`;

const yaml = (name: string, ...documents: readonly object[]): ProvisioningFile => ({
  path: at(name),
  text: written(...documents),
});

const written = (...documents: readonly object[]): string =>
  `# Written by \`watchkeeper generate dashboards\`; deploy/grafana/README.md tells how to use it.\n${documents.map(printYaml).join("---\n")}`;

/** The folder as a resource of Grafana 13 and later. */
const v2Folder = (): object => manifest(FOLDER.uid, new FolderBuilder(FOLDER.title)).build();
