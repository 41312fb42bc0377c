import { setTimeout as pause } from "node:timers/promises";
import { createAuthority } from "../certificates.ts";
import type { LabAnswer, LabRequest } from "../exchange.ts";
import { startLabServer, type LabServer } from "../server.ts";
import { Access, findAccess } from "./access.ts";
import { data, failure } from "./answers.ts";
import type { BackupAcl, ProxmoxBackupLab, ProxmoxBackupLabOptions } from "./contract.ts";
import type { BackupState } from "./model.ts";
import { answerRoute } from "./routes.ts";
import { PROXMOX_BACKUP_SCENARIOS } from "./scenarios.ts";
import { createWorld } from "./world.ts";

const TOKEN_ID = "watchkeeper@pbs!lab";
const ROOT = "/api2/json/";

interface World {
  state: BackupState;
  readonly tokens: Map<string, Access>;
  readonly now: () => number;
  readonly beforeAnswer: () => Promise<void>;
  readonly refusalMs: number;
  underWay: number;
  mostAtOnce: number;
}

/**
 * Starts an emulated Proxmox Backup Server on loopback, over HTTPS. It answers as the source of Proxmox Backup Server 4
 * says: 401 for a wrong token, lists without what a token may not see, and plain text for errors.
 */
export async function startProxmoxBackupLab(options: ProxmoxBackupLabOptions = {}): Promise<ProxmoxBackupLab> {
  const authority = options.authority ?? (await createAuthority());
  const clock = options.now ?? Date.now;
  const now = () => Math.floor(clock() / 1000);
  const fill = () => createWorld(now(), { groups: options.groups ?? 12, snapshots: options.snapshots ?? 7 });
  const { beforeAnswer = () => Promise.resolve(), refusalDelayMs: refusalMs = 0 } = options;
  const world: World = { state: fill(), tokens: new Map(), now, beforeAnswer, refusalMs, underWay: 0, mostAtOnce: 0 };
  const tokenSecret = grant(world, TOKEN_ID, { "/": ["Audit"], "/remote": ["RemoteAudit"] });
  const handler = (request: LabRequest) => take(world, request);
  const port = options.port === undefined ? {} : { port: options.port };
  const server = await startLabServer({ authority, handler, ...port });
  return createLab(world, server, { caPem: authority.certificatePem, tokenSecret, fill });
}

interface LabParts {
  readonly caPem: string;
  readonly tokenSecret: string;
  readonly fill: () => BackupState;
}

function createLab(world: World, server: LabServer, { caPem, tokenSecret, fill }: LabParts): ProxmoxBackupLab {
  return {
    url: server.url,
    caPem,
    tokenId: TOKEN_ID,
    tokenSecret,
    get state() {
      return world.state;
    },
    scenarios: PROXMOX_BACKUP_SCENARIOS,
    requests: server.requests,
    mostAtOnce: () => {
      const { mostAtOnce } = world;
      world.mostAtOnce = world.underWay;
      return mostAtOnce;
    },
    now: world.now,
    grant: (tokenId, acl) => grant(world, tokenId, acl),
    reset: () => {
      world.state = fill();
    },
    setFault: (fault) => server.setFault(fault),
    stop: () => server.stop(),
    start: () => server.start(),
    close: () => server.close(),
  };
}

function grant({ tokens }: World, tokenId: string, acl: BackupAcl): string {
  const access = tokens.get(tokenId) ?? new Access(acl);
  access.acl = acl;
  tokens.set(tokenId, access);
  return access.secret;
}

async function take(world: World, request: LabRequest): Promise<LabAnswer> {
  world.underWay += 1;
  world.mostAtOnce = Math.max(world.mostAtOnce, world.underWay);
  try {
    await world.beforeAnswer();
    return await answer(world, request);
  } finally {
    world.underWay -= 1;
  }
}

async function answer({ state, tokens, now, refusalMs }: World, request: LabRequest): Promise<LabAnswer> {
  if (!request.path.startsWith(ROOT))
    return { status: 200, headers: { "content-type": "text/html" }, body: LOGIN_PAGE };
  const path = request.path.slice(ROOT.length);
  if (path === "ping") return data({ pong: true });
  const access = findAccess(tokens, request);
  if (access !== undefined) return answerRoute({ state, access, request, now: now() }, path);
  await pause(refusalMs);
  return failure(401, "authentication failed - invalid credentials");
}

const LOGIN_PAGE = "<!DOCTYPE html><html><head><title>pbs - Proxmox Backup Server</title></head><body></body></html>\n";
