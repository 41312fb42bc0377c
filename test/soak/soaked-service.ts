import { readFile, readdir, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connect } from "node:tls";
import { hash } from "@node-rs/bcrypt";
import { Agent, request } from "undici";
import { stringify } from "yaml";
import type { Authority } from "../../src/lab/certificates.ts";
import { packageRoot } from "../../src/lib/package.ts";
import { freePorts } from "../helpers/free-ports.ts";
import { startProcess, type ProcessEnd } from "../helpers/process.ts";
import { CLOCK_FILE } from "./shared-clock.ts";

/** One look at the process from outside, in bytes where it is a size. */
export interface OutsideLook {
  readonly rss: number;
  readonly descriptors: number;
  readonly storeBytes: number;
}

/** What the process says of itself each hour, and at its end. */
export interface Note {
  readonly event: "reached" | "exit";
  /** Simulated time, in Unix milliseconds. */
  readonly at: number;
  /** Bytes in use after a collection. */
  readonly heap: number;
  readonly timers: number;
  /** What would have kept the process alive, in words; at the end only. */
  readonly left: readonly string[];
}

/** One line of the log. */
export interface LogLine {
  readonly time: string;
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** A request to the service. */
export interface Asked {
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** The built service with its clock in the hands of the test. */
export interface SoakedService {
  ask(path: string, asked?: Asked): Promise<{ readonly status: number; readonly text: string }>;
  write(settings: object): Promise<void>;
  /** Puts another certificate into the file, and gives its fingerprint. */
  renewCertificate(): Promise<string>;
  /** The fingerprint of the certificate that it shows. */
  shownCertificate(): Promise<string>;
  signal(name: NodeJS.Signals): void;
  look(): Promise<OutsideLook>;
  notes(): Promise<readonly Note[]>;
  log(): Promise<readonly LogLine[]>;
  readonly storeFile: string;
  readonly ended: Promise<ProcessEnd>;
  /** Ends what is left. */
  close(): Promise<void>;
}

/** What it is started with. */
export interface SoakedServiceOptions {
  readonly folder: string;
  readonly clockFile: string;
  readonly authority: Authority;
  readonly settings: object;
  /** Modules that are loaded into the process besides. */
  readonly preload?: readonly string[];
}

const NOTES_FILE = "SOAK_NOTES_FILE";
const [USER, PASSWORD] = ["prometheus", "a-password-of-this-test"];
const STORE = "store.db";
const LOGIN = { authorization: `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString("base64")}` };
const FAST_CLOCK = join(import.meta.dirname, "fast-clock.ts");

/** Starts it. The project must be built. */
export async function startSoakedService(options: SoakedServiceOptions): Promise<SoakedService> {
  const { folder, clockFile, authority, settings, preload = [] } = options;
  const [port] = (await freePorts(1)) as [number];
  const file = (name: string): string => join(folder, name);
  const password = await hash(PASSWORD, { cost: 4 });
  const renewCertificate = async (): Promise<string> => {
    const { certificatePem: cert, keyPem: key, fingerprint256 } = await authority.issue({ hosts: ["127.0.0.1"] });
    const web = { tls_server_config: { cert, key }, basic_auth_users: { [USER]: password } };
    // a file that is half written would be a fault
    await writeFile(file("web.unfinished"), stringify(web));
    await rename(file("web.unfinished"), file("web.yaml"));
    return fingerprint256;
  };
  const write = (next: object): Promise<void> =>
    writeFile(file("watchkeeper.yaml"), stringify({ ...frameOf(port), ...next }));
  await renewCertificate();
  await write(settings);
  const agent = new Agent({ connect: { ca: authority.certificatePem }, keepAliveTimeout: 1 });
  const ask = (path: string, asked: Asked = {}) => askAt(`https://127.0.0.1:${port}${path}`, asked, agent);
  const running = await startProcess({
    command: "/bin/sh",
    args: ["-c", LOGGED, process.execPath, file("log"), ...argumentsOf(file("watchkeeper.yaml"), preload)],
    cwd: folder,
    env: { [CLOCK_FILE]: clockFile, [NOTES_FILE]: file("notes") },
    deadlineMs: 60_000,
    ready: async () => (await ask("/-/healthy")).status === 200,
  }).catch(async (thrown: unknown) => {
    throw new Error(await readFile(file("log"), "utf8").catch(() => "it wrote nothing"), { cause: thrown });
  });
  return {
    ask,
    write,
    renewCertificate,
    shownCertificate: () => shownAt(port),
    signal: (name) => running.signal(name),
    look: async () => ({ ...(await lookAt(running.pid)), storeBytes: await sizeOf(file(STORE)) }),
    notes: () => linesOf<Note>(file("notes")),
    log: () => linesOf<LogLine>(file("log")),
    storeFile: file(STORE),
    ended: running.ended,
    async close() {
      await running.stop();
      await agent.close();
    },
  };
}

/** The newest part of what it writes would not do. */
const LOGGED = 'log="$1"; shift; exec "$0" "$@" >"$log" 2>&1';

const argumentsOf = (config: string, preload: readonly string[]): readonly string[] => [
  ...[FAST_CLOCK, ...preload].flatMap((path) => ["--import", path]),
  join(packageRoot, "dist/cli/main.js"),
  "serve",
  "--config",
  config,
];

const frameOf = (port: number): object => ({
  server: { listen: `127.0.0.1:${port}`, web_config_file: "web.yaml" },
  log: { level: "debug" },
  store: { sqlite: { path: STORE } },
});

async function askAt(url: string, { method = "GET", headers = {}, body }: Asked, dispatcher: Agent) {
  const { statusCode, body: stream } = await request(url, {
    method,
    headers: { ...LOGIN, ...(body && { "content-type": "application/json" }), ...headers },
    body: body ? JSON.stringify(body) : null,
    dispatcher,
  });
  return { status: statusCode, text: await stream.text() };
}

/** Whole lines of JSON. */
const linesOf = async <T>(file: string): Promise<readonly T[]> =>
  (await readFile(file, "utf8").catch(() => ""))
    .split("\n")
    .filter((line) => line.startsWith("{") && line.endsWith("}"))
    .map((line) => JSON.parse(line) as T);

async function lookAt(pid: number): Promise<Pick<OutsideLook, "rss" | "descriptors">> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return {
    rss: Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) * 1_024,
    descriptors: (await readdir(`/proc/${pid}/fd`)).length,
  };
}

/** The store's file, without its log of changes. */
const sizeOf = async (file: string): Promise<number> => (await stat(file)).size;

function shownAt(port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false }, () => {
    resolve(socket.getPeerCertificate().fingerprint256);
    socket.destroy();
  }).once("error", reject);
  return promise;
}
