import { createApps, type LabApp } from "./apps.ts";
import type { LabAlert } from "./alerts.ts";
import { createRealtime, type LabRealtime } from "./realtime.ts";
import type { LabUps } from "./ups.ts";
import { createLabCertificate, type LabCertificate } from "./system-certificate.ts";

const DAY = 86_400;
const GIB = 1024 ** 3;

/** An API key; `key` is what a client logs in with, and is never answered. */
export interface LabApiKey {
  readonly id: number;
  name: string;
  /** The user it belongs to. */
  username: string;
  key: string;
  createdAt: number;
  expiresAt: number | undefined;
  revoked: boolean;
}

/** The machine itself. */
export interface LabMachine {
  hostname: string;
  /** How far its clock is ahead of the lab's, in seconds. */
  clockAhead: number;
  bootedAt: number;
  timezone: string;
  physmem: number;
  ecc: boolean;
  cores: number;
  loadavg: number[];
  state: "BOOTING" | "READY" | "SHUTTING_DOWN";
  rebootReasons: { code: string; reason: string }[];
}

/** A service as its page shows it. */
export interface LabService {
  readonly id: number;
  readonly service: string;
  enable: boolean;
  /** RUNNING, STOPPED or UNKNOWN. */
  state: string;
  pids: number[];
}

/** What is known of newer releases. */
export interface LabUpdate {
  newVersion: string | undefined;
  /** Set when the server could not find out. */
  error: { errname: string; reason: string } | undefined;
}

/** What the machine, its services and its keepers know. */
export interface SystemState {
  /** Roles by user; READONLY_ADMIN has all that end in _READ. */
  readonly roles: Map<string, readonly string[]>;
  /** The first one belongs to Watchkeeper. */
  readonly apiKeys: LabApiKey[];
  readonly machine: LabMachine;
  readonly services: LabService[];
  readonly alerts: LabAlert[];
  readonly apps: LabApp[];
  readonly update: LabUpdate;
  readonly certificates: LabCertificate[];
  readonly ups: LabUps;
  /**
   * What the event `reporting.realtime` is made of: `realtimeFields` of `methods/realtime.ts` writes it for a release.
   */
  readonly realtime: LabRealtime;
}

/** A healthy server's, as it is at `now` (Unix seconds). The same every time, but for the keys of its certificates. */
export function createSystemState(
  now: number,
  _options: { readonly datasets: number; readonly snapshotsPerDataset: number },
): SystemState {
  return {
    roles: new Map([
      ["watchkeeper", ["READONLY_ADMIN"]],
      ["truenas_admin", ["FULL_ADMIN"]],
    ]),
    apiKeys: createKeys(now),
    machine: createMachine(now),
    services: createServices(),
    alerts: [],
    apps: createApps(),
    update: { newVersion: undefined, error: undefined },
    certificates: createCertificates(now),
    ups: { charge: 100, runtime: 2_340, load: 24 },
    realtime: createRealtime(),
  };
}

function createKeys(now: number): LabApiKey[] {
  const key = (id: number, name: string, username: string, expiresAt?: number): LabApiKey => ({
    id,
    name,
    username,
    key: `${id}-${"LabKeyWithoutAnyWorth".repeat(4).slice(0, 63)}${id}`,
    createdAt: now - 90 * DAY,
    expiresAt,
    revoked: false,
  });
  return [key(1, "watchkeeper", "watchkeeper"), key(2, "backup script", "truenas_admin", now + 200 * DAY)];
}

const createMachine = (now: number): LabMachine => ({
  hostname: "nas",
  clockAhead: 0,
  bootedAt: now - 12 * DAY,
  timezone: "Europe/Berlin",
  physmem: 64 * GIB,
  ecc: true,
  cores: 4,
  loadavg: [0.42, 0.51, 0.6],
  state: "READY",
  rebootReasons: [],
});

function createServices(): LabService[] {
  const running = new Set(["cifs", "nfs", "ssh", "ups"]);
  return ["cifs", "ftp", "iscsitarget", "nfs", "snmp", "ssh", "ups"].map((service, i) => {
    const runs = running.has(service);
    return { id: i + 1, service, enable: runs, state: runs ? "RUNNING" : "STOPPED", pids: runs ? [2_000 + i] : [] };
  });
}

const createCertificates = (now: number): LabCertificate[] => [
  createLabCertificate(1, "truenas_default", { commonName: "localhost", from: now - 30 * DAY, until: now + 367 * DAY }),
  createLabCertificate(2, "letsencrypt", {
    commonName: "nas.example.org",
    from: now - 20 * DAY,
    until: now + 70 * DAY,
  }),
  { id: 3, name: "request", commonName: "files.example.org", issued: undefined },
];
