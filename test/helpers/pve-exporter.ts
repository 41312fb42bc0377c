import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { request } from "undici";
import { stringify } from "yaml";
import { createTemporaryFolder } from "./janitor.ts";
import { startProcess } from "./process.ts";
import { readExposition, type ReadFamily } from "./read-exposition.ts";

/** The cluster that it is to ask. */
export interface PveExporterOptions {
  /** Path of the program `pve_exporter`. */
  readonly command: string;
  readonly caPem: string;
  /** `USER@REALM!NAME`. */
  readonly tokenId: string;
  readonly tokenSecret: string;
}

/** What of a node it reads: what is the whole cluster's, what is the node's alone, or both. */
export interface PveExporterQuery {
  /** Host and port of the node. */
  readonly target: string;
  readonly cluster: boolean;
  readonly node: boolean;
}

/** A running prometheus-pve-exporter. */
export interface PveExporter {
  /** Its leader; it has one worker under it. */
  readonly pid: number;
  urlOf(query: PveExporterQuery): string;
  /** An error unless it is answered 200. */
  scrape(query: PveExporterQuery): Promise<readonly ReadFamily[]>;
  output(): string;
  stop(): Promise<void>;
}

const LISTENING = /Listening at: (http:\/\/127\.0\.0\.1:\d+)/;

/** Starts the real exporter on a free port, as it comes but for the configuration. Its day begins at midnight UTC. */
export async function startPveExporter(options: PveExporterOptions): Promise<PveExporter> {
  const folder = await createTemporaryFolder("pve-exporter");
  const config = join(folder.path, "pve.yml");
  const ca = join(folder.path, "ca.pem");
  await writeFile(ca, options.caPem);
  await writeFile(config, stringify({ default: moduleOf(options, ca) }));
  const started = await startProcess({
    command: options.command,
    args: ["--config.file", config, "--web.listen-address", "127.0.0.1:0"],
    cwd: folder.path,
    env: { TZ: "UTC" },
    ready: ({ output }) => LISTENING.test(output()),
  });
  const [, origin = ""] = LISTENING.exec(started.output()) ?? [];
  const urlOf = ({ target, cluster, node }: PveExporterQuery): string =>
    `${origin}/pve?target=${target}&cluster=${Number(cluster)}&node=${Number(node)}`;
  return {
    pid: started.pid,
    urlOf,
    async scrape(query) {
      const { statusCode, body } = await request(urlOf(query), { headersTimeout: 60_000, reset: true });
      const text = await body.text();
      if (statusCode !== 200) throw new Error(`${urlOf(query)} was answered ${statusCode}\n${started.output()}`);
      return readExposition(text, "text");
    },
    output: started.output,
    async stop() {
      await started.stop();
      await folder.remove();
    },
  };
}

/**
 * What it hands on to its library as it is. Source:
 * https://github.com/prometheus-pve/prometheus-pve-exporter#authentication
 */
function moduleOf({ tokenId, tokenSecret }: PveExporterOptions, caFile: string): object {
  const [user, name] = tokenId.split("!");
  return { user, token_name: name, token_value: tokenSecret, verify_ssl: caFile };
}
