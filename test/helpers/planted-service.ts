import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Agent, request } from "undici";
import { packageRoot } from "../../src/lib/package.ts";
import type { EchoLab } from "./echo-lab.ts";
import { freePorts } from "./free-ports.ts";
import { startProcess, type RunningProcess } from "./process.ts";

/** A text that Watchkeeper gave out, and where. */
export interface Output {
  readonly where: string;
  readonly text: string;
}

/** What the service is started with. */
export interface PlantedServiceOptions {
  readonly folder: string;
  readonly lab: EchoLab;
  /** The configuration that it begins with; `server`, `log` and `store` are added. */
  readonly settings: object;
  readonly logFormat: string;
  readonly env: Readonly<Record<string, string>>;
  /** The web configuration, and the login that it asks for. */
  readonly web?: { readonly file: string; readonly user: string; readonly password: string };
}

/** How one request was answered. */
interface Answer {
  readonly status: number;
  readonly text: string;
}

/** What a request is made with. */
interface Asked {
  readonly method?: "GET" | "POST" | "PUT";
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, a text as it is. */
  readonly body?: object | string;
}

/** A built service that logs all that it can, and whose every answer is kept. */
export interface PlantedService {
  readonly configFile: string;
  /** Every answer so far, headers included. */
  readonly answers: readonly Output[];
  ask(path: string, asked?: Asked): Promise<Answer>;
  /** Puts other settings in place and loads them. */
  reload(settings: object): Promise<Answer>;
  /** All that it wrote to standard output and error. */
  log(): Promise<string>;
  /** Every file that it keeps alerts in, as Latin-1. */
  storeFiles(): Promise<readonly Output[]>;
  stop(): Promise<void>;
}

/** Starts the built service in a folder. */
export async function startPlantedService(options: PlantedServiceOptions): Promise<PlantedService> {
  const { folder, lab, web, env } = options;
  const [port] = (await freePorts(1)) as [number];
  const url = `${web === undefined ? "http" : "https"}://127.0.0.1:${port}`;
  const [configFile, logFile, caFile] = ["watchkeeper.yaml", "log", "ca.pem"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const agent = new Agent({ connect: { ca: lab.authority.certificatePem } });
  const answers: Output[] = [];
  const write = (settings: object): Promise<void> =>
    writeFile(
      configFile,
      JSON.stringify({
        server: { listen: `127.0.0.1:${port}`, ...(web && { web_config_file: web.file }) },
        log: { level: "trace", format: options.logFormat },
        store: { sqlite: { path: "store.db" } },
        ...settings,
      }),
    );
  await Promise.all([write(options.settings), writeFile(caFile, lab.authority.certificatePem)]);

  const ask = asker({ url, web, agent, answers });
  const running: RunningProcess = await startProcess({
    command: "/bin/sh",
    // the newest part of what it writes would not do
    args: ["-c", 'exec "$0" "$1" serve --config "$2" >"$3" 2>&1', process.execPath, CLI, configFile, logFile],
    cwd: folder,
    env: { ...env, NODE_EXTRA_CA_CERTS: caFile },
    deadlineMs: 60_000,
    ready: async () => (await ask("/-/healthy")).status === 200,
  }).catch(async (thrown: unknown) => {
    throw new Error(await readFile(logFile, "utf8").catch(() => "it wrote nothing"), { cause: thrown });
  });

  return {
    configFile,
    answers,
    ask,
    async reload(settings) {
      await write(settings);
      return ask("/-/reload", { method: "POST" });
    },
    log: () => readFile(logFile, "utf8"),
    async storeFiles() {
      const names = (await readdir(folder)).filter((name) => name.startsWith("store.db"));
      return Promise.all(
        names.map(async (name) => ({ where: name, text: await readFile(join(folder, name), "latin1") })),
      );
    },
    async stop() {
      await running.stop();
      await agent.close();
    },
  };
}

interface AskerOptions {
  readonly url: string;
  readonly web: PlantedServiceOptions["web"];
  readonly agent: Agent;
  /** Where every answer is kept. */
  readonly answers: Output[];
}

const asker =
  ({ url, web, agent, answers }: AskerOptions): PlantedService["ask"] =>
  async (path, { method = "GET", headers = {}, body } = {}) => {
    const login = web && `Basic ${Buffer.from(`${web.user}:${web.password}`).toString("base64")}`;
    const answer = await request(url + path, {
      method,
      headers: {
        ...(login !== undefined && { authorization: login }),
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      dispatcher: agent,
    });
    const text = await answer.body.text();
    answers.push({ where: `${method} ${path}`, text: `${JSON.stringify(answer.headers)}\n${text}` });
    return { status: answer.statusCode, text };
  };

/** The built command line. */
const CLI = join(packageRoot, "dist/cli/main.js");
