import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { createTrueNasCollector } from "../../src/collectors/truenas/collector.ts";
import type { TrueNasClient } from "../../src/collectors/truenas/client.ts";
import { trueNasConfig } from "../../src/collectors/truenas/config.ts";
import { createTrueNasClient } from "../../src/collectors/truenas/session/connect.ts";
import { milliseconds } from "../../src/core/duration.ts";
import type { OpenTarget } from "../../src/core/pack.ts";
import type { TrueNasLab, TrueNasLabOptions } from "../../src/lab/truenas/contract.ts";
import { startTrueNasLab } from "../../src/lab/truenas/truenas-lab.ts";
import type { RpcPace } from "../../src/lib/json-rpc/contract.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";

type Config = Readonly<Record<string, unknown>>;

/** An emulated server and ways to read it, with waits that are short, for tests that break its sockets. */
export interface OpenedTrueNasLab {
  readonly lab: TrueNasLab;
  /** Opened with the lab's user and key. */
  readonly target: OpenTarget;
  open(config?: Config, pace?: Partial<RpcPace>): Promise<OpenTarget>;
  /** What the parts share, alone. */
  connect(config?: Config, pace?: Partial<RpcPace>): Promise<TrueNasClient>;
}

/** Waits as short as a test wants them; the budget of openings is as it is. */
const QUICK: Partial<RpcPace> = {
  firstWait: milliseconds(20),
  lastWait: milliseconds(100),
  refusedWait: milliseconds(200),
};

/** Starts an emulated server that ends with the test. */
export async function openTrueNasLab(options: TrueNasLabOptions = {}): Promise<OpenedTrueNasLab> {
  const lab = await startTrueNasLab(options);
  const folder = await createTemporaryFolder("truenas");
  const caFile = join(folder.path, "ca.pem");
  await writeFile(caFile, lab.caPem);
  onTestFinished(async () => {
    await lab.close();
    await folder.remove();
  });
  const usual = { name: "nas", url: lab.url, username: lab.username, api_key: lab.apiKey, ca_file: caFile };
  const open = async (config: Config = {}, pace: Partial<RpcPace> = QUICK): Promise<OpenTarget> => {
    const target = await createTrueNasCollector(pace)
      .target.parse({ ...usual, ...config })
      .open();
    onTestFinished(() => target.close());
    return target;
  };
  const connect = async (config: Config = {}, pace: Partial<RpcPace> = QUICK): Promise<TrueNasClient> => {
    const client = await createTrueNasClient(trueNasConfig.parse({ ...usual, ...config }), pace);
    onTestFinished(() => client.close());
    return client;
  };
  return { lab, target: await open(), open, connect };
}
