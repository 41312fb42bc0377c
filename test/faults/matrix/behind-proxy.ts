import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startHttpFaultProxy } from "../../../src/lab/fault-proxy/http-proxy.ts";
import type { FaultProxy } from "../../../src/lab/fault-proxy/proxy.ts";
import { createTemporaryFolder } from "../../helpers/janitor.ts";
import { MATRIX_KINDS } from "./kinds.ts";
import type { OpenSubject } from "./subject.ts";

/** Where a server is asked: itself, or the proxy before it. */
export interface Reached {
  /** Without a slash at the end. */
  readonly url: string;
  /** PEM file of the authority to trust. */
  readonly caFile: string | undefined;
}

/** What asks there. */
export interface Asking extends Pick<OpenSubject, "use" | "settle"> {
  close(): Promise<void>;
}

/** A server of the lab. */
export interface StartedServer {
  readonly url: string;
  close(): Promise<void>;
}

/** A subject that is opened twice: by way of a proxy, and straight at the server. `name` begins the proxy's name. */
export async function behindProxy(
  server: StartedServer,
  name: string,
  open: (reached: Reached) => Promise<Asking>,
): Promise<OpenSubject> {
  const { origin } = new URL(server.url);
  const proxy = await startHttpFaultProxy({ name, upstream: origin });
  const folder = await createTemporaryFolder("matrix");
  const caFile = join(folder.path, "ca.pem");
  await writeFile(caFile, proxy.caPem);
  const own = await open({ url: proxy.url, caFile });
  const other = await open({ url: origin, caFile: undefined });
  return {
    proxy,
    use: async (options) => {
      const seen = await own.use(options);
      if (options.kind?.isHeavy === true) await untilLetGo(proxy);
      return seen;
    },
    useOther: (options) => other.use(options),
    ...(own.settle !== undefined && { settle: own.settle }),
    close: async () => {
      await Promise.all([own.close(), other.close()]);
      await proxy.close();
      await server.close();
      await folder.remove();
    },
  };
}

const LET_GO_MS = 2_000;

/** What was cut off is let go of a moment after a use gave up, on both sides: only then it can be seen what is kept. */
async function untilLetGo(proxy: FaultProxy): Promise<void> {
  const late = performance.now() + LET_GO_MS;
  while (proxy.connections() > 0 && performance.now() < late) await pause(20);
  await pause(100);
}

/** Every kind at requests whose path begins so only: for `onlyAt`. */
export const onlyAtPath = (path: string): Readonly<Record<string, string>> =>
  Object.fromEntries(MATRIX_KINDS.map(({ name }) => [name, path]));
