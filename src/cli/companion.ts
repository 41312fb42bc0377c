import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, constants } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import { request } from "undici";

/** Another program that the demo runs beside Watchkeeper. */
export interface Companion {
  readonly url: string;
  stop(): Promise<void>;
}

/** The path of a program, when it is on PATH. */
export async function findOnPath(name: string): Promise<string | undefined> {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const file = join(folder, name);
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  return undefined;
}

const READY_WITHIN_MS = 20_000;

/**
 * Starts a program of the Prometheus family and waits until it is ready. It listens on its usual port, or on another
 * when that one is taken. Throws when it ends before it is ready, with the end of what it wrote.
 */
export async function startCompanion(
  name: string,
  program: string,
  usualPort: number,
  args: (listen: string) => readonly string[],
): Promise<Companion> {
  const listen = `127.0.0.1:${await freePort(usualPort)}`;
  const child = spawn(program, args(listen), { stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.on("data", (data: Buffer) => (errors = (errors + data.toString()).slice(-2_000)));
  const ended = new AbortController();
  child.once("error", (error) => (errors += String(error)));
  child.once("close", () => ended.abort());
  const url = `http://${listen}`;
  const deadline = AbortSignal.any([ended.signal, AbortSignal.timeout(READY_WITHIN_MS)]);
  while (!(await isReady(url))) {
    if (deadline.aborted) {
      child.kill("SIGKILL");
      throw new Error(`${name} (${program}) did not become ready:\n${errors}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    async stop() {
      if (ended.signal.aborted) return;
      child.kill("SIGTERM");
      await once(child, "close");
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  try {
    const { statusCode, body } = await request(`${url}/-/ready`);
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
}

/** The usual port when it is free, else any that is; the usual one again when there is none. */
export async function freePort(usual: number): Promise<number> {
  for (const port of [usual, 0]) {
    const server = createServer();
    server.listen(port, "127.0.0.1");
    const found = await once(server, "listening").then(
      () => (server.address() as AddressInfo).port,
      () => undefined,
    );
    server.close();
    if (found !== undefined) return found;
  }
  return usual;
}
