import type { PressureName, PveGuest, Snapshot } from "../model.ts";
import type { World } from "./world.ts";
import { DAY, GIB } from "./world.ts";

/** The number of the first guest; the others follow it. */
export const FIRST_VMID = 100;

/** The pools of a new cluster. */
export const POOLS = ["prod", "dev"];

const SERVICES = ["web", "db", "cache", "mail", "git", "dns", "proxy", "build"];
const PRESSURES: readonly PressureName[] = ["cpusome", "cpufull", "iosome", "iofull", "memorysome", "memoryfull"];

/**
 * The guests of a new cluster, spread over its nodes: every third is a container, every eighth is stopped, the last is
 * a template and the sixth is locked for a backup.
 */
export function buildGuests(world: World, count: number): PveGuest[] {
  return Array.from({ length: count }, (_, index) => buildGuest(world, index, index > 0 && index === count - 1));
}

function buildGuest(world: World, index: number, template: boolean): PveGuest {
  const { random, nodeNames } = world;
  // Each round over the nodes begins one further on, so that every node has some of every kind.
  const turn = index + Math.floor(index / nodeNames.length);
  const type = index % 3 === 2 && !template ? "lxc" : "qemu";
  const running = index % 8 !== 7 && !template;
  const maxmem = GIB * 2 ** random.whole(0, 4);
  const mem = running ? Math.round(maxmem * random.between(0.2, 0.9)) : 0;
  const pool = POOLS[index % 3];
  return {
    vmid: FIRST_VMID + index,
    type,
    node: nodeNames[turn % nodeNames.length] ?? "pve1",
    name: template ? "debian-13-template" : `${SERVICES[index % SERVICES.length]}-${index + 1}`,
    status: running ? "running" : "stopped",
    template,
    ...(pool !== undefined && !template && { pool }),
    ...(index % 4 !== 3 && { tags: index % 2 === 0 ? "linux;prod" : "linux" }),
    ...(index === 5 && { lock: "backup" }),
    ...(onboot(index, running) !== undefined && { onboot: onboot(index, running) === true }),
    cpus: 2 ** random.whole(0, 3),
    cpu: running ? random.between(0.005, 0.6) : 0,
    mem,
    maxmem,
    memhost: running && type === "qemu" ? mem + Math.round(0.05 * maxmem) : 0,
    ...traffic(world, type, running),
    uptime: running ? random.whole(600, 60 * DAY) : 0,
    pressure: Object.fromEntries(
      PRESSURES.map((name) => [name, running ? random.between(0, 3, 2) : 0]),
    ) as PveGuest["pressure"],
    snapshots: snapshots(world, index),
    config: type === "qemu" ? virtualMachine(world, index) : container(world, index),
  };
}

/** Two of three say so; of these the stopped ones say no, so that the healthy cluster has nothing to complain of. */
function onboot(index: number, running: boolean): boolean | undefined {
  if (index % 3 === 1) return undefined;
  return running && index % 6 !== 3;
}

function traffic({ random }: World, type: PveGuest["type"], running: boolean) {
  const maxdisk = 8 * GIB * 2 ** random.whole(0, 3);
  const counter = (most: number): number => (running ? random.whole(1, most) : 0);
  return {
    disk: type === "lxc" && running ? Math.round(maxdisk * random.between(0.1, 0.8)) : 0,
    maxdisk,
    netin: counter(50 * GIB),
    netout: counter(50 * GIB),
    diskread: counter(90 * GIB),
    diskwrite: counter(90 * GIB),
  };
}

function snapshots({ now, random }: World, index: number): Snapshot[] {
  if (index % 10 !== 1) return [];
  const first = { name: "before-upgrade", snaptime: now - random.whole(2, 6) * DAY, description: "before the upgrade" };
  if (index % 20 !== 1) return [first];
  return [first, { name: "clean", snaptime: first.snaptime + DAY, description: "", parent: first.name, vmstate: 0 }];
}

function mac({ random }: World): string {
  return `BC:24:11:${(random.hex(6).toUpperCase().match(/../g) ?? []).join(":")}`;
}

function virtualMachine(world: World, index: number) {
  const vmid = FIRST_VMID + index;
  return {
    boot: "order=scsi0;net0",
    ostype: "l26",
    sockets: 1,
    scsihw: "virtio-scsi-single",
    scsi0: `local-zfs:vm-${vmid}-disk-0,iothread=1,size=32G`,
    net0: `virtio=${mac(world)},bridge=vmbr0`,
    smbios1: `uuid=${world.random.hex(8)}-0000-4000-8000-${world.random.hex(12)}`,
  };
}

function container(world: World, index: number) {
  const vmid = FIRST_VMID + index;
  return {
    arch: "amd64",
    ostype: "debian",
    swap: 512,
    unprivileged: 1,
    rootfs: `local-zfs:subvol-${vmid}-disk-0,size=8G`,
    net0: `name=eth0,bridge=vmbr0,hwaddr=${mac(world)},ip=dhcp,type=veth`,
  };
}
