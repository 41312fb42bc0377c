import { z } from "zod";
import { minutes, seconds } from "../../../core/duration.ts";
import type { CollectContext, Part } from "../../../core/pack.ts";
import { eachNode, type ProxmoxClient } from "../client.ts";
import { disks } from "../metrics/nodes.ts";
import { requireOnRoot } from "../permissions/required.ts";
import { looseNumber, looseText, rows } from "../../../lib/answers/loose-shapes.ts";
import { uniqueBy } from "../unique.ts";

const diskRow = z.object({
  devpath: z.string(),
  serial: looseText,
  model: looseText,
  type: looseText,
  used: looseText,
  size: looseNumber,
  health: looseText,
  wearout: looseNumber,
});

type Disk = z.output<typeof diskRow>;

/** With SMART, Proxmox VE asks one disk after the other and waits for one that sleeps. */
const SMART_TIMEOUT = seconds(100);

/** `/nodes/{node}/disks/list`. */
export const disksPart: Part<ProxmoxClient> = {
  id: "disks",
  title: "Physical disks",
  every: minutes(30),
  deadline: minutes(4),
  metrics: disks,
  async collect(client, context) {
    await requireOnRoot(client, "Sys.Audit", context.signal);
    const { smart } = client.config;
    const path = smart ? "disks/list" : "disks/list?skipsmart=1";
    const bounds = smart ? { timeout: SMART_TIMEOUT } : {};
    await eachNode(client, context, async (node) => {
      const found = await client.askNode(node, path, rows(diskRow), context.signal, bounds);
      for (const [disk, row] of identified(found)) recordDisk(context, { node, disk }, row);
    });
  },
};

/**
 * Disks by the name that stays theirs when paths change: the serial number. The path stands in for a serial number that
 * is missing or that several disks show, as some USB bridges and the paths of a multipath disk do.
 */
function identified(found: readonly Disk[]): ReadonlyMap<string, Disk> {
  const all = uniqueBy(found, ({ devpath }) => devpath);
  const bySerial = Map.groupBy(all, ({ serial = "" }) => serial.trim());
  return new Map(
    all.map((disk) => {
      const serial = disk.serial?.trim() ?? "";
      const isOwn = serial !== "" && serial !== "unknown" && bySerial.get(serial)?.length === 1;
      return [isOwn ? serial : disk.devpath, disk];
    }),
  );
}

function recordDisk(context: CollectContext, labels: { node: string; disk: string }, row: Disk): void {
  const { devpath, model = "", type = "", used = "" } = row;
  context.record(disks.info, { ...labels, device: devpath, model: model.trim(), type, used }, 1);
  context.record(disks.size, labels, row.size);
  context.record(disks.healthy, labels, isHealthy(row.health));
  context.record(disks.wearoutLeft, labels, lifeLeft(row.wearout));
}

/** What smartctl says when there is nothing to say of the disk's health. */
const NO_VERDICT: ReadonlySet<string> = new Set(["", "UNKNOWN", "SMART DISABLED"]);
/** ATA and NVMe disks say PASSED, SAS disks OK. */
const HEALTHY: ReadonlySet<string> = new Set(["PASSED", "OK"]);

function isHealthy(health: string | undefined): boolean | undefined {
  const verdict = health?.trim().toUpperCase() ?? "";
  return NO_VERDICT.has(verdict) ? undefined : HEALTHY.has(verdict);
}

/** From percent; a disk that outlived its count goes below 0, and a count above 100 is none of percent. */
function lifeLeft(percent: number | undefined): number | undefined {
  if (percent === undefined || percent > 100) return undefined;
  return Math.max(0, percent) / 100;
}
