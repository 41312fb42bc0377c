/** Lines of a backup task that tell about one guest. Source: pve-manager, PVE::VZDump, exec_backup_task */
const LINES = [
  { text: /^INFO: Starting Backup of VM (\d+) \(/, success: false },
  { text: /^INFO: Finished Backup of VM (\d+) \(/, success: true },
  { text: /^ERROR: Backup of VM (\d+) failed\b/, success: false },
] as const;

/**
 * What became of each guest in the log of a backup task that has ended; a guest whose backup was begun and not finished
 * is one whose backup failed. Guests that were never begun are left out.
 */
export function readBackupLog(lines: readonly string[]): ReadonlyMap<number, boolean> {
  const outcomes = new Map<number, boolean>();
  for (const line of lines) {
    for (const { text, success } of LINES) {
      const vmid = text.exec(line)?.[1];
      if (vmid !== undefined) outcomes.set(Number(vmid), success);
    }
  }
  return outcomes;
}
