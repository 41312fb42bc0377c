import { chown, cp, readdir, readFile, realpath, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import pg from "pg";
import { freePorts } from "./free-ports.ts";
import { createTemporaryFolder } from "./janitor.ts";
import { runProgram, startProcess, type RunningProcess } from "./process.ts";
import { requireProgram } from "./programs.ts";

/** What to start PostgreSQL with. */
export interface PostgresOptions {
  /** Parameters of the server: https://www.postgresql.org/docs/current/runtime-config.html */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A running PostgreSQL on 127.0.0.1, with data of its own. */
export interface PostgresServer {
  /** Of an empty database, with the password in it; it stays the same when the server is started again. */
  readonly url: string;
  /** Makes another empty database; gives its URL. */
  createDatabase(): Promise<string>;
  /** Ends all connections and the server, and starts it again. */
  restart(): Promise<void>;
  /** Ends the server as the loss of its machine does: without a word to anybody. */
  kill(): Promise<void>;
  /** Starts it again after {@link kill}: it recovers from its log. */
  start(): Promise<void>;
  /** Freezes the server: it accepts connections and answers nothing. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  output(): string;
  stop(): Promise<void>;
}

const USER = "watchkeeper";
const PASSWORD = "a-password-of-tests";
/** The user whom every Linux has, and who may nothing. */
const NOBODY = 65_534;

const SETTINGS = { "listen-addresses": "127.0.0.1", "unix-socket-directories": "", jit: "off", timezone: "GMT" };

/** Makes a database and starts the server on a free port, and waits until it answers. */
export async function startPostgres({ settings = {} }: PostgresOptions = {}): Promise<PostgresServer> {
  const folder = await createTemporaryFolder("postgres");
  const data = join(folder.path, "data");
  const programs = await reachablePrograms(folder.path);
  const [port = 0] = await freePorts(1);
  const urlOf = (database: string): string => `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/${database}`;
  let server: RunningProcess | undefined;
  let databases = 0;

  const start = async (): Promise<void> => {
    server = await startProcess({
      ...asPlainUser(join(programs, "postgres"), [
        "-D",
        data,
        `--port=${port}`,
        ...Object.entries({ ...SETTINGS, ...settings }).map(([name, value]) => `--${name}=${value}`),
      ]),
      cwd: folder.path,
      deadlineMs: 60_000,
      ready: () => ask(urlOf("postgres"), "select 1").then(() => true),
    });
  };
  // SIGINT is its fast way to stop; SIGTERM would wait for the clients
  const stop = async (): Promise<void> => {
    server?.signal("SIGINT");
    await server?.ended;
  };
  const createDatabase = async (): Promise<string> => {
    const name = `test_${(databases += 1)}`;
    await ask(urlOf("postgres"), `create database ${name}`);
    return urlOf(name);
  };

  try {
    await initialise(folder.path, programs, data);
    await start();
    return {
      url: await createDatabase(),
      createDatabase,
      start,
      restart: async () => {
        await stop();
        await start();
      },
      kill: async () => {
        await signalAll(server, "SIGKILL");
        await server?.ended;
      },
      pause: () => signalAll(server, "SIGSTOP"),
      resume: () => signalAll(server, "SIGCONT"),
      output: () => server?.output() ?? "",
      stop: async () => {
        await signalAll(server, "SIGCONT");
        await stop();
        await folder.remove();
      },
    };
  } catch (error) {
    await server?.stop();
    await folder.remove();
    throw error;
  }
}

async function initialise(folder: string, programs: string, data: string): Promise<void> {
  const passwordFile = join(folder, "password");
  await writeFile(passwordFile, PASSWORD, { mode: 0o644 });
  if (isRoot()) await chown(folder, NOBODY, NOBODY);
  const { command, args } = asPlainUser(join(programs, "initdb"), [
    `--pgdata=${data}`,
    `--username=${USER}`,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--no-sync",
  ]);
  const { code, stdout, stderr } = await runProgram(command, args, { cwd: folder });
  if (code !== 0) throw new Error(`initdb failed (${code}): ${stdout}${stderr}`);
}

/** Its children are each a process group of its own. */
async function signalAll(server: RunningProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (server === undefined) return;
  const children: number[] = [];
  for (const name of await readdir("/proc")) {
    const stat = /^\d+$/.test(name) ? await readFile(`/proc/${name}/stat`, "utf8").catch(() => "") : "";
    // The parent is two fields after the name, which is in brackets:
    // https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    if (stat.slice(stat.lastIndexOf(")")).split(" ")[2] === String(server.pid)) children.push(Number(name));
  }
  server.signal(signal);
  for (const child of children) {
    try {
      process.kill(child, signal);
    } catch {
      // it has ended meanwhile
    }
  }
}

const isRoot = (): boolean => process.getuid?.() === 0;

/** PostgreSQL refuses to run as root. */
function asPlainUser(path: string, args: readonly string[]): { command: string; args: readonly string[] } {
  if (!isRoot()) return { command: path, args };
  const user = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "--"];
  return { command: "setpriv", args: [...user, path, ...args] };
}

/** The folder of the programs: a copy where their user can not reach them, such as in root's home. */
async function reachablePrograms(folder: string): Promise<string> {
  const path = await realpath(requireProgram("initdb"));
  const { command, args } = asPlainUser("test", ["-x", path]);
  if ((await runProgram(command, args)).code === 0) return dirname(path);
  const copy = join(folder, "programs");
  await cp(resolve(dirname(path), "../.."), copy, { recursive: true, verbatimSymlinks: true });
  return join(copy, "usr/bin");
}

/** Asks a database by a connection of its own; gives the rows, of several statements those of the last. */
export async function ask(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    return [await client.query<Record<string, unknown>>(text)].flat().at(-1)?.rows ?? [];
  } finally {
    await client.end();
  }
}
