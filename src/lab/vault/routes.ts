import { errors, UNSUPPORTED_OPERATION } from "./answers.ts";
import { health } from "./health.ts";
import { metrics } from "./metrics.ts";
import {
  certificate,
  certificates,
  detailedCertificates,
  issuer,
  issuerList,
  issuers,
  listSettings,
  revokedCertificates,
} from "./pki-paths.ts";
import type { Capability } from "./policy-text.ts";
import { autopilotConfiguration, autopilotState, haStatus, raftConfiguration, removePeer } from "./raft.ts";
import { init, initStatus, leader, seal, sealStatus, unseal } from "./seal.ts";
import type { Handler, TokenExchange } from "./state.ts";
import {
  auditDevices,
  authMethods,
  capabilitiesSelf,
  countLeases,
  deletePolicy,
  disableAudit,
  enableAudit,
  keyStatus,
  mounts,
  policyNames,
  readPolicy,
  writePolicy,
} from "./system.ts";
import { createToken, login, lookupSelf, renewSelf, revokeSelf, revokeToken } from "./token-paths.ts";

/**
 * Which node answers. `sealed`: the one that was asked, even when it is sealed. `node`: the one that was asked.
 * `standby`: the one that was asked, if it is OpenBao's, else the active one. `active`: the active one, to which a
 * standby forwards. `never_forwarded`: the one that was asked, and no other.
 */
export type AnsweredBy = "sealed" | "node" | "standby" | "active" | "never_forwarded";

interface RouteBase {
  readonly methods: readonly string[];
  /** Without `/v1/`. `:name` is one segment of the path, `:name+` is one or more. */
  readonly path: string;
  readonly by: AnsweredBy;
}

interface OpenRoute extends RouteBase {
  readonly needs: "nothing";
  readonly handle: Handler;
}

interface GuardedRoute extends RouteBase {
  /** What the token's policies must allow on the path. */
  readonly needs: readonly Capability[];
  readonly handle: Handler<TokenExchange>;
}

/** One path and what answers it. */
export type Route = OpenRoute | GuardedRoute;

const READ = ["GET"];
const WRITE = ["PUT", "POST"];

/** All paths of the emulated servers. */
export const ROUTES: readonly Route[] = [
  { methods: ["GET", "HEAD"], path: "sys/health", by: "sealed", needs: "nothing", handle: health },
  { methods: READ, path: "sys/seal-status", by: "sealed", needs: "nothing", handle: sealStatus },
  { methods: READ, path: "sys/init", by: "sealed", needs: "nothing", handle: initStatus },
  { methods: WRITE, path: "sys/init", by: "sealed", needs: "nothing", handle: init },
  { methods: WRITE, path: "sys/unseal", by: "sealed", needs: "nothing", handle: unseal },
  { methods: READ, path: "sys/leader", by: "node", needs: "nothing", handle: leader },
  { methods: WRITE, path: "sys/seal", by: "node", needs: ["update", "sudo"], handle: seal },
  { methods: READ, path: "sys/metrics", by: "never_forwarded", needs: ["read"], handle: metrics },
  { methods: READ, path: "sys/ha-status", by: "active", needs: ["read"], handle: haStatus },
  { methods: READ, path: "sys/storage/raft/configuration", by: "standby", needs: ["read"], handle: raftConfiguration },
  { methods: WRITE, path: "sys/storage/raft/remove-peer", by: "active", needs: ["update"], handle: removePeer },
  { methods: READ, path: "sys/storage/raft/autopilot/state", by: "active", needs: ["read"], handle: autopilotState },
  {
    methods: READ,
    path: "sys/storage/raft/autopilot/configuration",
    by: "active",
    needs: ["read"],
    handle: autopilotConfiguration,
  },
  { methods: READ, path: "sys/audit", by: "standby", needs: ["read", "sudo"], handle: auditDevices },
  { methods: WRITE, path: "sys/audit/:path+", by: "active", needs: ["update", "sudo"], handle: enableAudit },
  { methods: ["DELETE"], path: "sys/audit/:path+", by: "active", needs: ["delete", "sudo"], handle: disableAudit },
  { methods: READ, path: "sys/leases/count", by: "standby", needs: ["read"], handle: countLeases },
  { methods: READ, path: "sys/key-status", by: "standby", needs: ["read"], handle: keyStatus },
  { methods: READ, path: "sys/mounts", by: "standby", needs: ["read"], handle: mounts },
  { methods: READ, path: "sys/auth", by: "standby", needs: ["read"], handle: authMethods },
  { methods: READ, path: "sys/policies/acl", by: "standby", needs: ["list"], handle: policyNames },
  { methods: READ, path: "sys/policies/acl/:name", by: "standby", needs: ["read"], handle: readPolicy },
  { methods: WRITE, path: "sys/policies/acl/:name", by: "active", needs: ["update"], handle: writePolicy },
  { methods: ["DELETE"], path: "sys/policies/acl/:name", by: "active", needs: ["delete"], handle: deletePolicy },
  { methods: WRITE, path: "sys/capabilities-self", by: "standby", needs: ["update"], handle: capabilitiesSelf },
  { methods: READ, path: "auth/token/lookup-self", by: "standby", needs: ["read"], handle: lookupSelf },
  { methods: WRITE, path: "auth/token/renew-self", by: "active", needs: ["update"], handle: renewSelf },
  { methods: WRITE, path: "auth/token/revoke-self", by: "active", needs: ["update"], handle: revokeSelf },
  { methods: WRITE, path: "auth/token/revoke", by: "active", needs: ["update"], handle: revokeToken },
  { methods: WRITE, path: "auth/token/create", by: "active", needs: ["update"], handle: createToken },
  { methods: WRITE, path: "auth/:mount+/login", by: "active", needs: "nothing", handle: login },
  { methods: READ, path: ":mount+/issuers", by: "standby", needs: "nothing", handle: issuers },
  { methods: READ, path: ":mount+/issuer/:ref/json", by: "standby", needs: "nothing", handle: issuer },
  { methods: READ, path: ":mount+/issuer/:ref/crl", by: "standby", needs: "nothing", handle: issuerList("complete") },
  {
    methods: READ,
    path: ":mount+/issuer/:ref/crl/delta",
    by: "standby",
    needs: "nothing",
    handle: issuerList("delta"),
  },
  { methods: READ, path: ":mount+/cert/:serial", by: "standby", needs: "nothing", handle: certificate },
  { methods: READ, path: ":mount+/certs", by: "standby", needs: ["list"], handle: certificates },
  { methods: READ, path: ":mount+/certs/revoked", by: "standby", needs: ["list"], handle: revokedCertificates },
  { methods: READ, path: ":mount+/certs/detailed", by: "standby", needs: ["list"], handle: detailedCertificates },
  { methods: READ, path: ":mount+/config/crl", by: "standby", needs: ["read"], handle: listSettings },
];

/** A route that was found for a request, with the parts of its path. */
export interface FoundRoute {
  readonly route: Route;
  readonly parameters: Readonly<Record<string, string>>;
}

const PATTERNS = ROUTES.map((route) => ({ route, pattern: toPattern(route.path) }));

/** The route of a request; for a known path with another method, one that answers so; undefined for an unknown path. */
export function findRoute(method: string, path: string): FoundRoute | undefined {
  const onPath = PATTERNS.flatMap(({ route, pattern }) => {
    const match = pattern.exec(path);
    return match === null ? [] : [{ route, parameters: { ...match.groups } }];
  });
  const found = onPath.find(({ route }) => route.methods.includes(method));
  const [other] = onPath;
  if (found !== undefined || other === undefined) return found;
  return { route: refusing(method, other.route), parameters: {} };
}

function refusing(method: string, { path, by, needs }: Route): Route {
  const open = by === "sealed" || needs === "nothing" || path === "sys/seal";
  if (open) return { methods: [method], path, by: "sealed", needs: "nothing", handle: () => errors(405) };
  return {
    methods: [method],
    path,
    by: "standby",
    needs: [capabilityOf(method)],
    handle: () => errors(405, UNSUPPORTED_OPERATION),
  };
}

/** What a method needs on a path that no route names. */
export function capabilityOf(method: string): Capability {
  if (method === "DELETE") return "delete";
  if (method === "PATCH") return "patch";
  return WRITE.includes(method) ? "update" : "read";
}

function toPattern(path: string): RegExp {
  return new RegExp(
    `^${path.replaceAll(/:(\w+)(\+?)/g, (_, name: string, more: string) => `(?<${name}>${more ? ".+" : "[^/]+"})`)}$`,
  );
}
