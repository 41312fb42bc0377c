import { createAuthority } from "../certificates.ts";
import { buildState } from "./build/state.ts";
import { Calls } from "./calls.ts";
import type { ProxmoxLab, ProxmoxLabOptions } from "./contract.ts";
import type { Service } from "./dispatch.ts";
import type { RunningNode } from "./node.ts";
import { startNode } from "./node.ts";
import { withDefaults } from "./options.ts";
import { Permissions } from "./permissions.ts";
import { createRandom } from "./random.ts";
import { createScenarios } from "./scenarios.ts";

/** What a token needs besides PVEAuditor to be told of backups on storages. */
const BACKUP_PRIVILEGES = ["Datastore.AllocateSpace", "VM.Backup"];

/**
 * Starts an emulated, healthy cluster of Proxmox VE on loopback, over HTTPS, one port for each node. It behaves as the
 * sources of Proxmox VE 8.4 and 9.1 say: what is dead, silent or not permitted is absent, and never 0.
 */
export async function startProxmoxLab(options: ProxmoxLabOptions = {}): Promise<ProxmoxLab> {
  const authority = options.authority ?? (await createAuthority());
  const cluster = withDefaults(options);
  const calls = new Calls();
  const closing = new AbortController();
  const service: Service = {
    cluster: {
      options: cluster,
      state: buildState(cluster, cluster.now()),
      permissions: new Permissions(cluster.version),
      random: createRandom(cluster.seed + 1),
      fingerprints: new Map(),
      deaf: new Map(),
    },
    cache: new Map(),
    rewrites: new Map(),
    count: (...call) => calls.count(...call),
    closed: closing.signal,
  };
  const names = service.cluster.state.nodes.map(({ name }) => name);
  const nodes = await Promise.all(
    names.map((name, index) =>
      startNode(service, { name, authority, ...(options.port !== undefined && { port: options.port + index }) }),
    ),
  );
  const restore = (): void => {
    Object.assign(service.cluster.state, buildState(cluster, cluster.now()));
    service.rewrites.clear();
    service.cache.clear();
  };
  return createLab({ service, nodes, calls, closing, restore, caPem: authority.certificatePem });
}

interface Running {
  readonly service: Service;
  readonly nodes: readonly RunningNode[];
  readonly calls: Calls;
  readonly closing: AbortController;
  readonly restore: () => void;
  readonly caPem: string;
}

function createLab({ service, nodes, calls, closing, restore, caPem }: Running): ProxmoxLab {
  const { permissions, state, options } = service.cluster;
  const auditor = permissions.create({ id: "watchkeeper@pve!lab", role: "PVEAuditor", privileges: BACKUP_PRIVILEGES });
  return {
    nodes,
    caPem,
    tokenId: auditor.id,
    tokenSecret: auditor.secret,
    state,
    timing: options.timing,
    scenarios: createScenarios(restore),
    node: (name) => {
      const found = nodes.find((node) => node.name === name);
      if (found === undefined) throw new RangeError(`the lab has no node ${name}`);
      return found;
    },
    createToken: (given) => {
      const { id, secret } = permissions.create(given);
      return { id, secret };
    },
    withdrawRights: (withdrawn) => {
      permissions.withdrawn = withdrawn;
      service.cache.clear();
    },
    revoke: (tokenId) => permissions.revoke(tokenId),
    rewrite: (path, change) => {
      if (change === undefined) service.rewrites.delete(path);
      else service.rewrites.set(path, change);
      service.cache.clear();
    },
    touch: () => service.cache.clear(),
    calls: (tokenId) => calls.of(tokenId),
    resetCalls: () => calls.reset(),
    close: async () => {
      closing.abort();
      await Promise.all(nodes.map((node) => node.close()));
    },
  };
}
