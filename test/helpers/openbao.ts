import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { createAuthority, type Authority } from "../../src/lab/certificates.ts";
import { freePorts } from "./free-ports.ts";
import { createTemporaryFolder } from "./janitor.ts";
import { openBaoApi, type OpenBaoAnswer, type OpenBaoApi, type OpenBaoMethod } from "./openbao-api.ts";
import { writeNodeFiles, type OpenBaoOptions } from "./openbao-config.ts";
import { OpenBaoNode, type OpenBaoKeys } from "./openbao-node.ts";
import { waitUntil } from "./wait-until.ts";

/** How a call of the API differs from the usual one, which goes to the first node with the root token. */
export interface CallOptions {
  readonly node?: OpenBaoNode;
  /** Another token; the empty text for none. */
  readonly token?: string;
  /** Gives the answer whatever its status is; else a status from 400 on is an error. */
  readonly anyStatus?: boolean;
}

/** A cluster with integrated storage (raft) on loopback, over TLS, initialised with one key share. */
export interface OpenBaoCluster {
  readonly nodes: readonly OpenBaoNode[];
  readonly caPem: string;
  readonly caFile: string;
  readonly rootToken: string;
  readonly unsealKey: string;
  /** Calls `/v1/<path>`. */
  api(method: OpenBaoMethod, path: string, body?: object, options?: CallOptions): Promise<OpenBaoAnswer>;
  /** Waits until one node says that it is active, and gives it. */
  active(): Promise<OpenBaoNode>;
  /** Waits until every node is an unsealed voter and autopilot calls the cluster healthy. */
  untilHealthy(): Promise<void>;
  /** Ends all nodes and removes their data. */
  close(): Promise<void>;
}

const initAnswer = z.object({ root_token: z.string(), keys: z.tuple([z.string()]) });
const autopilotState = z.object({ data: z.object({ healthy: z.boolean(), voters: z.array(z.string()) }) });

/** Starts a cluster and waits until it is healthy: about 8 s for three nodes. */
export async function startOpenBao(options: OpenBaoOptions = {}): Promise<OpenBaoCluster> {
  const folder = await createTemporaryFolder("openbao");
  const authority = await createAuthority();
  const caPem = authority.certificatePem;
  const caFile = join(folder.path, "ca.pem");
  await writeFile(caFile, caPem);
  const api = openBaoApi(caPem);
  const keys: OpenBaoKeys = { rootToken: "", unsealKey: "" };
  const nodes = await prepareNodes(folder.path, authority, options, (...files) => new OpenBaoNode(...files, api, keys));
  const close = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()));
    await api.close();
    await folder.remove();
  };
  try {
    await bringUp(nodes, api, keys);
  } catch (error) {
    const logs = nodes.map((node) => `${node.id}:\n${node.output().slice(-2_000)}`).join("\n");
    await close();
    throw new Error(`The OpenBao cluster did not come up: ${String(error)}\n${logs}`, { cause: error });
  }
  return {
    nodes,
    caPem,
    caFile,
    ...keys,
    close,
    api: (method, path, body, { node = firstOf(nodes), token = keys.rootToken, anyStatus } = {}) =>
      api.call({ url: node.url, method, path, body, token, anyStatus }),
    active: () => waitUntil("a node is active", () => findActive(nodes)),
    untilHealthy: () => untilHealthy(nodes, api, keys),
  };
}

type MakeNode = (place: Parameters<typeof writeNodeFiles>[0], configFile: string) => OpenBaoNode;

async function prepareNodes(
  folder: string,
  authority: Authority,
  options: OpenBaoOptions,
  make: MakeNode,
): Promise<OpenBaoNode[]> {
  const count = options.nodes ?? 3;
  const ports = await freePorts(2 * count);
  const nodes: OpenBaoNode[] = [];
  for (let i = 0; i < count; i++) {
    const id = `node-${i + 1}`;
    const [apiPort = 0, clusterPort = 0] = ports.slice(2 * i);
    const joins = nodes[0]?.url;
    const place = { id, folder: join(folder, id), apiPort, clusterPort, ...(joins !== undefined && { joins }) };
    nodes.push(make(place, await writeNodeFiles(place, authority, options)));
  }
  return nodes;
}

/** The first node is unsealed before the others start, so that they can join it at their first try. */
async function bringUp(nodes: readonly OpenBaoNode[], api: OpenBaoApi, keys: OpenBaoKeys): Promise<void> {
  const [first, ...others] = [firstOf(nodes), ...nodes.slice(1)];
  await first.start();
  const shares = { secret_shares: 1, secret_threshold: 1 };
  const answer = await api.call({ url: first.url, method: "PUT", path: "sys/init", body: shares });
  const init = initAnswer.parse(answer.body);
  Object.assign(keys, { rootToken: init.root_token, unsealKey: init.keys[0] });
  await first.unseal();
  // How long a new node must be healthy before it may vote; 10 s by default.
  const autopilot = { server_stabilization_time: "1s" };
  const path = "sys/storage/raft/autopilot/configuration";
  await waitUntil("autopilot takes its configuration", () =>
    api.call({ url: first.url, method: "POST", path, body: autopilot, token: keys.rootToken }),
  );
  await Promise.all(others.map((node) => node.start().then(() => node.unseal())));
  await untilHealthy(nodes, api, keys);
}

async function untilHealthy(
  nodes: readonly OpenBaoNode[],
  api: OpenBaoApi,
  { rootToken: token }: OpenBaoKeys,
): Promise<void> {
  const check = async (): Promise<boolean> => {
    for (const node of nodes) if (!(await node.isUnsealed())) return false;
    const path = "sys/storage/raft/autopilot/state";
    const { body } = await api.call({ url: firstOf(nodes).url, method: "GET", path, token });
    const { healthy, voters } = autopilotState.parse(body).data;
    return healthy && voters.length === nodes.length;
  };
  await waitUntil("every node is an unsealed voter, and autopilot calls them healthy", check, { deadlineMs: 60_000 });
}

/** Asks all nodes at once, since a frozen one would hold up the others. */
function findActive(nodes: readonly OpenBaoNode[]): Promise<OpenBaoNode> {
  return Promise.any(
    nodes.map(async (node) => {
      const status = await node.health();
      if (status !== 200) throw new Error(`${node.id} answers ${status}`);
      return node;
    }),
  );
}

function firstOf(nodes: readonly OpenBaoNode[]): OpenBaoNode {
  const [first] = nodes;
  if (first === undefined) throw new Error("A cluster needs at least one node.");
  return first;
}
