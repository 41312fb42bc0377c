/** A guest in a backup task; `error` is why its backup failed. */
export interface BackedUp {
  readonly vmid: number;
  readonly type: "qemu" | "lxc";
  readonly name: string;
  readonly error?: string;
}

/** What a backup task was. */
export interface BackupRun {
  /** The arguments of vzdump, without the guests. */
  readonly arguments: string;
  readonly guests: readonly BackedUp[];
  /** The guests of the job that are on other nodes. */
  readonly skipped: readonly number[];
  /** Seconds since 1970. */
  readonly start: number;
  readonly secondsEach: number;
}

/** The lines that vzdump writes about a run to Proxmox Backup Server, as PVE 8 and 9 word them. */
export function backupLog(run: BackupRun): string[] {
  const named = run.guests.length === 1 ? `${run.guests[0]?.vmid} ` : "";
  const failed = run.guests.some(({ error }) => error !== undefined);
  return [
    `INFO: starting new backup job: vzdump ${named}${run.arguments}`,
    ...(run.skipped.length > 0 ? [`INFO: skip external VMs: ${run.skipped.join(", ")}`] : []),
    ...run.guests.flatMap((guest, index) => guestLog(run, guest, run.start + 1 + index * run.secondsEach)),
    `INFO: Backup job finished ${failed ? "with errors" : "successfully"}`,
    "INFO: notified via target `mail-to-root`",
    failed ? "TASK ERROR: job errors" : "TASK OK",
  ];
}

function guestLog(run: BackupRun, { vmid, type, name, error }: BackedUp, start: number): string[] {
  const time = new Date(start * 1000).toISOString().slice(0, 19);
  const archive = `${type === "qemu" ? "vm" : "ct"}/${vmid}/${time}Z`;
  const begin = [
    `INFO: Starting Backup of VM ${vmid} (${type})`,
    `INFO: Backup started at ${time.replace("T", " ")}`,
    "INFO: status = running",
    `INFO: ${type === "qemu" ? "VM" : "CT"} Name: ${name}`,
    "INFO: backup mode: snapshot",
    "INFO: ionice priority: 7",
    `INFO: creating Proxmox Backup Server archive '${archive}'`,
  ];
  const end = new Date((start + run.secondsEach - 1) * 1000).toISOString().slice(0, 19).replace("T", " ");
  if (error !== undefined) {
    return [...begin, `ERROR: Backup of VM ${vmid} failed - ${error}`, `INFO: Failed at ${end}`];
  }
  return [
    ...begin,
    "INFO: adding notes to backup",
    `INFO: Finished Backup of VM ${vmid} (${clock(run.secondsEach - 1)})`,
    `INFO: Backup finished at ${end}`,
  ];
}

const clock = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(11, 19);
