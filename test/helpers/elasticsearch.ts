import { freePorts } from "./free-ports.ts";
import { createTemporaryFolder } from "./janitor.ts";
import { startProcess } from "./process.ts";
import { requireProgram } from "./programs.ts";

/** A running Elasticsearch; one of a test's own, unless ELASTICSEARCH_URL names another one. */
export interface ElasticsearchServer {
  /** Without a slash at the end. */
  readonly url: string;
  output(): string;
  stop(): Promise<void>;
}

const { ELASTICSEARCH_URL: given } = process.env;

/** The programs that {@link startElasticsearch} needs. */
export const ELASTICSEARCH_PROGRAMS: readonly "elasticsearch"[] = given === undefined ? ["elasticsearch"] : [];

/**
 * Starts a node on 127.0.0.1 with data of its own, about 6 s. It is plain HTTP without logins and has only what is in
 * registries: no scripts, ingest, data streams, ES|QL, and plain types in the place of some of ECS'. With
 * ELASTICSEARCH_URL in the environment nothing is started, and the indices of tests are made there.
 */
export async function startElasticsearch(): Promise<ElasticsearchServer> {
  if (given !== undefined) return { url: given.replace(/\/$/, ""), output: () => "", stop: () => Promise.resolve() };
  const folder = await createTemporaryFolder("elasticsearch");
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  try {
    const server = await startProcess({
      command: requireProgram("elasticsearch"),
      args: [folder.path, String(port)],
      cwd: folder.path,
      deadlineMs: 90_000,
      // it listens before its shards answer
      ready: async () => (await fetch(`${url}/_cluster/health?wait_for_status=yellow&timeout=1s`)).ok,
    });
    return {
      url,
      output: () => server.output(),
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
