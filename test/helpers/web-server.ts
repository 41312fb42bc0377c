import { request } from "undici";
import type { TemporaryFolder } from "./janitor.ts";
import { startProcess } from "./process.ts";

/** A server that takes Prometheus' web options; the folder goes when it is stopped. */
export interface WebServerOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly folder: TemporaryFolder;
}

/** A running server and its address. */
export interface WebServer {
  readonly url: string;
  /** Parsed JSON; an error when the answer's status is not 200. */
  get(path: string): Promise<unknown>;
  post(path: string): Promise<void>;
  output(): string;
  stop(): Promise<void>;
}

// A line of its log; asked for port 0, the server takes a free one.
const LISTENING = /msg="Listening on".* address=(127\.0\.0\.1:\d+)/;

/** Starts Prometheus, Alertmanager or an exporter on a free port of 127.0.0.1 and waits until `/-/ready` says so. */
export async function startWebServer({ command, args, folder }: WebServerOptions): Promise<WebServer> {
  let url = "";
  try {
    const server = await startProcess({
      command,
      args: [...args, "--web.listen-address=127.0.0.1:0"],
      ready: async (started) => {
        const address = LISTENING.exec(started.output())?.[1];
        if (address === undefined) return false;
        url = `http://${address}`;
        await call("GET", `${url}/-/ready`);
        return true;
      },
    });
    return {
      url,
      get: async (path) => JSON.parse(await call("GET", url + path)) as unknown,
      post: async (path) => {
        await call("POST", url + path);
      },
      output: server.output,
      stop: async () => {
        await server.stop();
        await folder.remove();
      },
    };
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

async function call(method: "GET" | "POST", url: string): Promise<string> {
  const { statusCode, body } = await request(url, { method, signal: AbortSignal.timeout(10_000) });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`${method} ${url} was answered ${statusCode}: ${text}`);
  return text;
}
