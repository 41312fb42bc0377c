import type { PveNode, PveRelease, WireRow } from "../model.ts";
import { buildDisks } from "./disks.ts";
import type { World } from "./world.ts";
import { DAY, dayOf, GIB, HOUR } from "./world.ts";
import { buildZpools } from "./zpools.ts";

const RELEASES: Readonly<Record<PveRelease, PveNode["release"]>> = {
  "8.4": { version: "8.4.14", release: "8.4", repoid: "b502d23c55afcba1" },
  "9.1": { version: "9.1.2", release: "9.1", repoid: "9d436f37a0ac4172" },
};
const KERNELS: Readonly<Record<PveRelease, string>> = { "8.4": "6.8.12-17-pve", "9.1": "6.17.2-2-pve" };

/** The hosts of a new cluster. */
export function buildNodes(world: World, { zfs }: { readonly zfs: boolean }): PveNode[] {
  return world.nodeNames.map((name, index) => buildNode(world, name, index, zfs));
}

function buildNode(world: World, name: string, index: number, zfs: boolean): PveNode {
  const { random, release } = world;
  const disks = buildDisks(world, index);
  const subscribed = index === 0 || index % 3 !== 2;
  return {
    name,
    nodeid: index + 1,
    ip: `10.10.10.${11 + index}`,
    online: true,
    silentSinceMs: undefined,
    level: subscribed ? "c" : "",
    release: RELEASES[release],
    kernel: KERNELS[release],
    cpus: 16,
    cpu: random.between(0.03, 0.4),
    wait: random.between(0, 0.02),
    loadavg: [random.between(0.2, 4, 2), random.between(0.2, 4, 2), random.between(0.2, 4, 2)],
    ...buildSpace(world),
    ksmShared: 0,
    uptime: random.whole(3 * DAY, 90 * DAY),
    timezone: "UTC",
    disks,
    zpools: zfs ? buildZpools(world, disks) : [],
    subscription: subscribed ? subscription(world) : NO_SUBSCRIPTION,
    certificates: certificates(world, name),
    updates: updates(index),
    config: { digest: random.hex(40), description: `Host ${name}`, "startall-onboot-delay": 10 },
    hungStorages: [],
  };
}

function buildSpace({ random }: World): Pick<PveNode, "memory" | "swap" | "rootfs"> {
  const memory = 128 * GIB;
  const used = Math.round(memory * random.between(0.3, 0.7));
  const free = Math.round((memory - used) * 0.6);
  const root = 420 * GIB;
  const rootUsed = Math.round(root * random.between(0.02, 0.2));
  const swapUsed = Math.round(8 * GIB * random.between(0, 0.1));
  return {
    memory: { total: memory, used, free, available: memory - used },
    swap: { total: 8 * GIB, used: swapUsed, free: 8 * GIB - swapUsed },
    rootfs: { total: root, used: rootUsed, free: root - rootUsed, avail: root - rootUsed },
  };
}

const URL = "https://www.proxmox.com/en/proxmox-virtual-environment/pricing";
const NO_SUBSCRIPTION: WireRow = { status: "notfound", message: "There is no subscription key", url: URL };

function subscription({ now, random }: World): WireRow {
  return {
    status: "active",
    level: "c",
    productname: "Proxmox VE Community Subscription 2 CPUs/year",
    key: `pve2c-${random.hex(10)}`,
    regdate: `${dayOf(now - 200 * DAY)} 00:00:00`,
    nextduedate: dayOf(now + 165 * DAY),
    checktime: now - 9 * HOUR,
    sockets: 2,
    serverid: random.hex(32).toUpperCase(),
    url: URL,
  };
}

function certificates({ now, random }: World, name: string): WireRow[] {
  const issuer = "/CN=Proxmox Virtual Environment/OU=5f1b3c0a-lab/O=PVE Cluster Manager CA";
  const key = { "public-key-bits": 2048, "public-key-type": "rsaEncryption", pem: PEM };
  return [
    {
      filename: "pve-root-ca.pem",
      fingerprint: colons(random.hex(64)),
      issuer,
      subject: issuer,
      san: [],
      notbefore: now - 400 * DAY,
      notafter: now + 3250 * DAY,
      ...key,
      "public-key-bits": 4096,
    },
    {
      filename: "pve-ssl.pem",
      issuer,
      subject: `/OU=PVE Cluster Node/O=Proxmox Virtual Environment/CN=${name}.lab.test`,
      san: ["127.0.0.1", "0000:0000:0000:0000:0000:0000:0000:0001", "localhost", name, `${name}.lab.test`],
      notbefore: now - 400 * DAY,
      notafter: now + 330 * DAY,
      ...key,
    },
  ];
}

const PEM = "-----BEGIN CERTIFICATE-----\n(not kept in the lab)\n-----END CERTIFICATE-----\n";

const colons = (hex: string): string => (hex.toUpperCase().match(/../g) ?? []).join(":");

const PACKAGES: readonly (readonly [string, string, string, string])[] = [
  ["openssl", "3.5.1-1+deb13u1", "3.5.4-1~deb13u1", "Debian-Security"],
  ["pve-manager", "9.1.2", "9.1.4", "Proxmox"],
  ["libxml2", "2.12.7+dfsg-2.1", "2.12.7+dfsg-2.1+deb13u1", "Debian"],
];

function updates(index: number): WireRow[] {
  return PACKAGES.slice(0, 3 - (index % 3)).map(([name, oldVersion, version, origin]) => ({
    Package: name,
    Title: `The package ${name}`,
    Version: version,
    OldVersion: oldVersion,
    Origin: origin,
    Priority: "optional",
    Section: "admin",
    Arch: "amd64",
    Description: "Made for the lab.",
  }));
}
