import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { request } from "undici";
import { stringify } from "yaml";
import { createTemporaryFolder } from "./janitor.ts";
import { startProcess } from "./process.ts";
import { readExposition, type ReadFamily } from "./read-exposition.ts";

/** A way of probing, in the words of the exporter's configuration. */
export type BlackboxModule = Readonly<Record<string, unknown>> & { readonly prober: "tcp" | "http" };

/** A running blackbox_exporter. */
export interface Blackbox {
  /** What one probe by one of the modules gives. */
  probe(module: string, target: string): Promise<readonly ReadFamily[]>;
  stop(): Promise<void>;
}

const LISTENING = /msg="Listening on".* address=(127\.0\.0\.1:\d+)/;

/** Starts the real exporter on a free port with these modules and no others. */
export async function startBlackbox(
  command: string,
  modules: Readonly<Record<string, BlackboxModule>>,
): Promise<Blackbox> {
  const folder = await createTemporaryFolder("blackbox");
  const config = join(folder.path, "blackbox.yml");
  await writeFile(config, stringify({ modules }));
  const started = await startProcess({
    command,
    args: ["--config.file", config, "--web.listen-address=127.0.0.1:0"],
    cwd: folder.path,
    ready: ({ output }) => LISTENING.test(output()),
  });
  const [, address = ""] = LISTENING.exec(started.output()) ?? [];
  return {
    async probe(module, target) {
      const url = `http://${address}/probe?${new URLSearchParams({ module, target }).toString()}`;
      const { statusCode, body } = await request(url, { signal: AbortSignal.timeout(30_000) });
      const text = await body.text();
      if (statusCode !== 200) throw new Error(`${url} was answered ${statusCode}: ${text}`);
      return readExposition(text, "text");
    },
    async stop() {
      await started.stop();
      await folder.remove();
    },
  };
}
