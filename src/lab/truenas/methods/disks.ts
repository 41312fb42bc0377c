import type { LabDisk, LabVdev } from "../model/storage-shape.ts";
import type { LabMethods, MethodContext } from "./contract.ts";
import { answerQuery, readQuery } from "./storage-query.ts";

/** `disk.query`, `disk.temperatures` and, until 25.04, `smart.test.results`. */
export const disksMethods: LabMethods = {
  "disk.query": {
    role: "DISK_READ",
    call: (context) => {
      const hasPools = readQuery(context.params).options.extra["pools"] === true;
      return answerQuery(
        context.state.storage.disks.map((disk) => diskRow(context, disk, hasPools)),
        context.params,
      );
    },
  },
  "disk.temperatures": {
    role: "REPORTING_READ",
    call: ({ state, params: [wanted] }) => {
      const asked = Array.isArray(wanted) ? wanted.map(String) : [];
      const awake = state.storage.disks.filter(({ standby }) => standby === "ALWAYS ON").map(({ name }) => name);
      const temperatures = new Map(state.storage.disks.map(({ name, temperature }) => [name, temperature]));
      return Object.fromEntries(
        (asked.length > 0 ? asked : awake).map((name) => [name, temperatures.get(name) ?? null]),
      );
    },
  },
  "smart.test.results": {
    role: "DISK_READ",
    until: "25.04",
    call: ({ state, params }) =>
      answerQuery(state.storage.disks.filter(({ bus }) => bus !== "NVME").map(selfTestRow), params),
  },
};

/** A row of `disk.query`; the pool is joined only when it is asked for. */
export function diskRow(
  { state, release }: Pick<MethodContext, "state" | "release">,
  disk: LabDisk,
  hasPool: boolean,
): Record<string, unknown> {
  const { pools, bootPool } = state.storage;
  const home = [...pools, bootPool].find(({ topology }) =>
    Object.values(topology)
      .flat()
      .some((vdev) => holds(vdev, disk.name)),
  );
  const isOld = release === "24.10" || release === "25.04";
  return {
    identifier: disk.serial === "" ? `{devicename}${disk.name}` : `{serial_lunid}${disk.serial}_5000c500${disk.name}`,
    name: disk.name,
    subsystem: disk.bus === "NVME" ? "nvme" : "scsi",
    number: 2048,
    serial: disk.serial,
    lunid: disk.serial === "" ? null : `5000c500${disk.name}`,
    size: disk.size,
    description: "",
    transfermode: "Auto",
    hddstandby: disk.standby,
    advpowermgmt: "DISABLED",
    expiretime: null,
    model: disk.model,
    rotationrate: disk.rotationRate,
    type: disk.type,
    zfs_guid: null,
    bus: disk.bus,
    devname: disk.name,
    enclosure: null,
    pool: hasPool ? (home?.name ?? null) : null,
    ...(isOld && { togglesmart: true, smartoptions: "", critical: null, difference: null, informational: null }),
    ...(release === "26" && { sed: false }),
  };
}

const holds = (vdev: LabVdev, name: string): boolean =>
  vdev.disk === name || vdev.children.some((child) => holds(child, name));

const selfTestRow = ({ name, selfTests }: LabDisk) => ({
  disk: name,
  tests: selfTests.map(({ description, status, verbose, lifetime }, i) => ({
    num: i + 1,
    description,
    status,
    status_verbose: verbose,
    remaining: 0,
    lifetime,
    lba_of_first_error: null,
  })),
});
