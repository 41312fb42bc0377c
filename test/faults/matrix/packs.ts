import { proxmoxBackupCollector } from "../../../src/collectors/proxmox-backup/collector.ts";
import { proxmoxCollector } from "../../../src/collectors/proxmox/collector.ts";
import { createTrueNasCollector } from "../../../src/collectors/truenas/collector.ts";
import { vaultCollector } from "../../../src/collectors/vault/collector.ts";
import { milliseconds } from "../../../src/core/duration.ts";
import { startProxmoxBackupLab } from "../../../src/lab/proxmox-backup/proxmox-backup-lab.ts";
import { startProxmoxLab } from "../../../src/lab/proxmox/proxmox-lab.ts";
import { startTrueNasLab } from "../../../src/lab/truenas/truenas-lab.ts";
import { startVaultLab } from "../../../src/lab/vault/vault-lab.ts";
import { MATRIX_KINDS } from "./kinds.ts";
import { certificateSubjects } from "./packs-certificates.ts";
import { packSubject, type PackSubjectOptions, type PackWorld } from "./packs-target.ts";
import type { MatrixSubject } from "./subject.ts";

/**
 * The emulated systems' clocks stand still, so that only what a fault changes is different; and some things have failed
 * in them, so that more counts are not 0 from the start.
 */
const noon = Date.now();
const now = (): number => noon;

async function startProxmox(): Promise<PackWorld> {
  const lab = await startProxmoxLab({ nodes: 2, guests: 4, now });
  for (const name of ["backup_failed", "verify_failed", "replication_failing"] as const)
    await lab.scenarios[name].run(lab);
  const [node] = lab.nodes;
  if (node === undefined) throw new Error("the lab has a node");
  const login = { token_id: lab.tokenId, token_secret: lab.tokenSecret };
  return {
    url: node.url,
    caPem: lab.caPem,
    open: ({ url, caFile }) =>
      proxmoxCollector.target.parse({ name: "pve", nodes: [url], ca_file: caFile, ...login }).open(),
    close: () => lab.close(),
  };
}

async function startBackup(): Promise<PackWorld> {
  const lab = await startProxmoxBackupLab({ groups: 3, snapshots: 2, now });
  for (const name of ["gc_failed", "verify_failed", "sync_failed"] as const) await lab.scenarios[name].run(lab);
  const login = { token_id: lab.tokenId, token_secret: lab.tokenSecret };
  return {
    url: lab.url,
    caPem: lab.caPem,
    open: ({ url, caFile }) =>
      proxmoxBackupCollector.target.parse({ name: "pbs", url, ca_file: caFile, ...login }).open(),
    close: () => lab.close(),
  };
}

const TRUENAS_WAIT_MS = 50;

async function startTrueNas(): Promise<PackWorld> {
  const lab = await startTrueNasLab({ now });
  const wait = milliseconds(TRUENAS_WAIT_MS);
  // a fault after the other is more than a server may be bothered with in a minute
  const collector = createTrueNasCollector({ firstWait: wait, lastWait: wait, refusedWait: wait, openings: 1_000 });
  const login = { username: lab.username, api_key: lab.apiKey };
  return {
    url: lab.url,
    caPem: lab.caPem,
    open: async ({ url, caFile }) => {
      lab.reset();
      return collector.target.parse({ name: "nas", url, ca_file: caFile, ...login }).open();
    },
    // the server would refuse more than 20 logins in a minute, which are fewer than the kinds
    settle: () => lab.reset(),
    close: () => lab.close(),
  };
}

async function startVault(): Promise<PackWorld> {
  const lab = await startVaultLab({ nodes: 1, now });
  const [node] = lab.nodes;
  if (node === undefined) throw new Error("the lab has a node");
  const auth = { method: "token", token: lab.rootToken };
  return {
    url: node.url,
    caPem: lab.caPem,
    open: ({ url, caFile }) =>
      vaultCollector.target.parse({ name: "vault", nodes: [url], ca_file: caFile, auth }).open(),
    close: () => lab.close(),
  };
}

const PROXMOX = {
  pack: "proxmox",
  ownFacts: /^pve_up\b/,
  start: startProxmox,
  // a token that may not read it is told as no data
  partsAside: { ceph: ["status_403"] },
  mostConnections: 128,
  onlyAt: { huge_body: "/api2/json/cluster/resources" },
} as const;

const BACKUP = {
  pack: "proxmox-backup",
  // the second is of the certificate that is shown
  ownFacts: /^pbs_(up|certificate_expiry_timestamp_seconds)\b/,
  start: startBackup,
  partsAside: { certificate: "reads the certificate", subscription: ["nan_numbers"] },
  onlyAt: { huge_body: "/api2/json/admin/gc" },
  allows: {
    markup: { reasons: ["unexpected_shape", "not_found"], because: "no datastore has the name that is asked for" },
  },
} as const;
const TRUENAS = {
  pack: "truenas",
  ownFacts: /^truenas_(up|session_\w+_total|shown_certificate_\w+)\b/,
  start: startTrueNas,
  mostBytes: 64 * 1024 * 1024,
  allows: {
    html: {
      reasons: ["invalid_response", "unexpected_status"],
      because: "up to 24.10 its web page stands where the versions are asked for, so that a socket is tried",
    },
  },
} as const;
const VAULT = {
  pack: "vault",
  ownFacts: /^vault_(up|token_logins_total|token_renewals_total)\b/,
  start: startVault,
  onlyAt: { huge_body: "/v1/sys/health" },
  allows: {
    status_403: { reasons: ["forbidden", "unauthorized"], because: "Vault says 403 of a token that it does not know" },
    ...Object.fromEntries(
      ["retry_after_negative", "retry_after_year_9999", "retry_after_garbage", "status_503"].map((name) => [
        name,
        {
          reasons: ["unexpected_shape", name === "status_503" ? "server_error" : "rate_limited"],
          because: "429 and 503 are statuses of its health, which has a body of its own",
        },
      ]),
    ),
  },
} as const;

/** Of what can not be read at all, a new target tells no more than one that knows the upstream. */
const unreadable = Object.fromEntries(
  MATRIX_KINDS.filter(({ allows }) => allows.http?.mayOnlySucceed !== true).map(({ name }) => [
    name,
    "as without `new`",
  ]),
);

const bothWays = (options: Omit<PackSubjectOptions, "name" | "memory">): readonly MatrixSubject[] => [
  packSubject({ ...options, name: options.pack, memory: "warm" }),
  packSubject({ ...options, name: `${options.pack}, new`, memory: "fresh", skips: unreadable }),
];

/** A column for each pack that polls something, or several. */
export const packSubjects: readonly MatrixSubject[] = [
  ...bothWays(PROXMOX),
  ...bothWays(BACKUP),
  ...bothWays(VAULT),
  // its HTTP is needed only to open a socket, so that a target that has one sees nothing of it
  packSubject({
    ...TRUENAS,
    name: "truenas, new",
    memory: "fresh",
    allows: {
      ...TRUENAS.allows,
      nan_numbers: { reasons: [], mayOnlySucceed: true, because: "the list of versions has no number in it" },
    },
  }),
  ...certificateSubjects,
  packSubject({
    ...TRUENAS,
    name: "truenas messages",
    memory: "warm",
    on: "messages",
    protocol: "websocket",
    // what events told holds for some minutes
    partsAside: { alerts: "asks nothing", apps: "asks nothing", realtime: "asks nothing", updates: ["nan_numbers"] },
  }),
];
