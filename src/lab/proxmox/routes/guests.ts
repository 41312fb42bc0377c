import type { Exchange } from "../exchange.ts";
import type { PveGuest, WireRow } from "../model.ts";
import { flag, withOdd } from "../rows.ts";
import type { Route } from "./route.ts";

const KINDS = ["qemu", "lxc"] as const;

/** The guests of one host. */
export const GUEST_ROUTES: readonly Route[] = KINDS.flatMap((type) => [
  { path: `/nodes/:node/${type}`, ...(type === "qemu" && { query: ["full"] }), handle: list(type) },
  { path: `/nodes/:node/${type}/:vmid/config`, query: ["current", "snapshot"], handle: config(type) },
  { path: `/nodes/:node/${type}/:vmid/snapshot`, handle: snapshots(type) },
  { path: `/nodes/:node/${type}/:vmid/status/current`, handle: status(type) },
]);

type Handler = Route["handle"];

function list(type: PveGuest["type"]): Handler {
  return (exchange) =>
    exchange.state.guests
      .filter((guest) => guest.type === type && guest.node === exchange.node.name)
      .filter(({ vmid }) => exchange.mayGuest(vmid, "VM.Audit"))
      .map((guest) => withOdd(guestRow(exchange, guest), guest.odd));
}

function guestRow({ isRelease9 }: Exchange, guest: PveGuest): WireRow {
  const { type, vmid } = guest;
  return {
    // Before release 9 containers had their number as text.
    vmid: type === "lxc" && !isRelease9 ? String(vmid) : vmid,
    name: guest.name,
    status: guest.status,
    cpus: guest.cpus,
    cpu: guest.cpu,
    mem: guest.mem,
    maxmem: guest.maxmem,
    disk: guest.disk,
    maxdisk: guest.maxdisk,
    netin: guest.netin,
    netout: guest.netout,
    diskread: guest.diskread,
    diskwrite: guest.diskwrite,
    uptime: guest.uptime,
    ...(type === "qemu" ? { qmpstatus: guest.status } : { type, swap: 0, maxswap: 512 * 1024 ** 2 }),
    ...(guest.status === "running" && { pid: 10_000 + vmid }),
    ...(isRelease9 && pressures(guest)),
    ...(isRelease9 && type === "qemu" && { memhost: guest.memhost }),
    ...flag("template", guest.template),
    ...(guest.lock !== undefined && { lock: guest.lock }),
    ...(guest.tags !== undefined && { tags: guest.tags }),
  };
}

/** Stopped guests have none. */
function pressures({ pressure, status }: PveGuest): WireRow {
  if (status === "stopped") return {};
  return Object.fromEntries(Object.entries(pressure).map(([name, percent]) => [`pressure${name}`, percent]));
}

function config(type: PveGuest["type"]): Handler {
  return (exchange) => {
    const guest = exchange.guest(type);
    exchange.needGuest(guest.vmid, "VM.Audit");
    const { name, maxmem, cpus, onboot, template, tags, lock } = guest;
    const mebibytes = Math.round(maxmem / 1024 ** 2);
    return {
      ...(type === "qemu" ? { name, memory: String(mebibytes) } : { hostname: name, memory: mebibytes }),
      cores: cpus,
      digest: "0123456789abcdef0123456789abcdef01234567",
      ...(onboot !== undefined && { onboot: onboot ? 1 : 0 }),
      ...flag("template", template),
      ...(tags !== undefined && { tags }),
      ...(lock !== undefined && { lock }),
      ...guest.config,
    };
  };
}

/** The list ends with the running state, which is no snapshot. */
function snapshots(type: PveGuest["type"]): Handler {
  return (exchange) => {
    const guest = exchange.guest(type);
    exchange.needGuest(guest.vmid, "VM.Audit");
    const parent = guest.snapshots.at(-1)?.name;
    const current = {
      name: "current",
      description: "You are here!",
      digest: "0123456789abcdef0123456789abcdef01234567",
      running: guest.status === "running" ? 1 : 0,
      ...(parent !== undefined && { parent }),
    };
    return [...guest.snapshots, current];
  };
}

function status(type: PveGuest["type"]): Handler {
  return (exchange) => {
    const guest = exchange.guest(type);
    exchange.needGuest(guest.vmid, "VM.Audit");
    const sid = `${type === "qemu" ? "vm" : "ct"}:${guest.vmid}`;
    const service = exchange.state.ha?.services.find((one) => one.sid === sid);
    const ha = service === undefined ? { managed: 0 } : { managed: 1, state: service.state, ...service.config };
    const running = type === "qemu" && guest.status === "running";
    return withOdd(
      {
        ...guestRow(exchange, guest),
        vmid: guest.vmid,
        ha,
        ...(running && {
          "running-machine": "pc-i440fx-10.1+pve0",
          "running-qemu": "10.1.2",
          agent: 1,
          balloon: guest.maxmem,
          ballooninfo: { actual: guest.maxmem, max_mem: guest.maxmem, last_update: Math.floor(exchange.nowMs / 1000) },
          nics: { [`tap${guest.vmid}i0`]: { netin: guest.netin, netout: guest.netout } },
          blockstat: { scsi0: { rd_bytes: guest.diskread, wr_bytes: guest.diskwrite } },
        }),
      },
      guest.odd,
    );
  };
}
