import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Pool } from "undici";
import { stringify } from "yaml";
import { packageRoot } from "../../src/lib/package.ts";
import { freePorts } from "./free-ports.ts";
import { createTemporaryFolder } from "./janitor.ts";
import { startProcess, type RunningProcess } from "./process.ts";
import { readExposition } from "./read-exposition.ts";
import { waitUntil } from "./wait-until.ts";

/** What a service that delivers alerts is started with. */
export interface DeliveryServiceOptions {
  /** Entries of `alerting.destinations`. */
  readonly destinations: readonly Readonly<Record<string, unknown>>[];
  /** The rest of the section `alerting`; all destinations by the root route unless told otherwise. */
  readonly alerting?: Readonly<Record<string, unknown>>;
  /** Sections of the configuration, such as `store`. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Environment of the process. */
  readonly env?: Readonly<Record<string, string>>;
  /** A program with its arguments that runs the service's, such as `faketime`. */
  readonly wrapper?: readonly string[];
}

/** The answer to a webhook; undefined status when there was none. */
export interface WebhookAnswer {
  readonly status: number | undefined;
  readonly text: string;
}

/**
 * The built service with one source `main`, in a folder and at a port of its own, that can be killed and started again.
 */
export interface DeliveryService {
  readonly url: string;
  readonly folder: string;
  readonly configFile: string;
  /** Posts a webhook of Alertmanager's; never throws. */
  post(body: object, headers?: Readonly<Record<string, string>>): Promise<WebhookAnswer>;
  /** The value of a series: its labels in any order; undefined when there is none. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number | undefined>;
  /** Waits until nothing is pending at any destination, or only what is held. */
  settled(deadlineMs?: number): Promise<void>;
  process(): RunningProcess;
  /** Starts it, and waits until it answers unless told not to. */
  start(options?: { readonly waits?: boolean }): Promise<void>;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  /** Stops it and removes its folder. */
  close(): Promise<void>;
}

/** Writes the configuration and starts the service. The project must be built. */
export async function startDeliveryService(options: DeliveryServiceOptions): Promise<DeliveryService> {
  const folder = await createTemporaryFolder("delivery");
  const [port] = (await freePorts(1)) as [number];
  const url = `http://127.0.0.1:${port}`;
  const configFile = join(folder.path, "watchkeeper.yaml");
  await writeFile(configFile, stringify(configuration(port, options)));
  const client = createClient(url);
  let running: RunningProcess | undefined;

  const service: DeliveryService = {
    url,
    folder: folder.path,
    configFile,
    post: client.post,
    metric: client.metric,
    settled: client.settled,
    process() {
      if (running === undefined) throw new Error("the service does not run");
      return running;
    },
    async start({ waits = true } = {}) {
      const [command, ...args] = [...(options.wrapper ?? []), process.execPath, join(packageRoot, "dist/cli/main.js")];
      running = await startProcess({
        command: command ?? process.execPath,
        args: [...args, "serve", "--config", configFile],
        cwd: folder.path,
        ...(options.env && { env: options.env }),
        deadlineMs: 60_000,
        ready: async () => !waits || (await client.get("/-/healthy")) !== "",
      });
    },
    async kill() {
      service.process().signal("SIGKILL");
      await service.process().ended;
    },
    async stop() {
      await running?.stop(20_000);
    },
    async close() {
      await service.stop();
      await client.close();
      await folder.remove();
    },
  };
  await service.start();
  return service;
}

interface Client extends Pick<DeliveryService, "post" | "metric" | "settled"> {
  /** Throws unless the answer is 200. */
  get(path: string): Promise<string>;
  close(): Promise<void>;
}

function createClient(url: string): Client {
  const pool = new Pool(url, { connections: 64, keepAliveTimeout: 1_000 });

  const get = async (path: string): Promise<string> => {
    const { statusCode, body } = await pool.request({ path, method: "GET" });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`${path} was answered ${statusCode}: ${text}`);
    return text;
  };
  const samples = async () => readExposition(await get("/metrics"), "text").flatMap((family) => family.samples);

  return {
    get,
    close: () => pool.destroy(),
    async post(body, headers = {}) {
      try {
        const answer = await pool.request({
          path: "/api/v1/webhooks/alertmanager/main",
          method: "POST",
          headers: { "content-type": "application/json", ...headers },
          body: JSON.stringify(body),
        });
        return { status: answer.statusCode, text: await answer.body.text() };
      } catch (error) {
        return { status: undefined, text: String(error) };
      }
    },
    async metric(name, labels = {}) {
      const found = (await samples()).find((sample) => {
        const own = Object.fromEntries(sample.labels);
        return sample.name === name && Object.entries(labels).every(([label, value]) => own[label] === value);
      });
      return found && Number(found.value);
    },
    async settled(deadlineMs = 30_000) {
      const check = async (): Promise<boolean> => {
        const { conversations } = JSON.parse(await get("/api/v1/conversations?state=waits&limit=1")) as {
          conversations: readonly unknown[];
        };
        return conversations.length === 0;
      };
      await waitUntil("nothing waits to be delivered", check, { deadlineMs });
    },
  };
}

function configuration(port: number, { destinations, alerting, config }: DeliveryServiceOptions): object {
  return {
    server: { listen: `127.0.0.1:${port}` },
    log: { level: "warn" },
    ...config,
    alerting: {
      sources: [{ name: "main" }],
      destinations,
      route: { destinations: destinations.map(({ name }) => name) },
      ...alerting,
    },
  };
}
