import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readBackupLog } from "./log.ts";

const begin = (vmid: number) => [`INFO: Starting Backup of VM ${vmid} (qemu)`, "INFO: status = running"];
const good = (vmid: number) => [...begin(vmid), `INFO: Finished Backup of VM ${vmid} (00:01:02)`];
const bad = (vmid: number) => [...begin(vmid), `ERROR: Backup of VM ${vmid} failed - no space left on device`];

describe("readBackupLog", () => {
  it("tells good and failed backups apart", () => {
    expect(readBackupLog([...good(100), ...bad(101), ...good(102), "TASK ERROR: job errors"])).toEqual(
      new Map([
        [100, true],
        [101, false],
        [102, true],
      ]),
    );
  });

  it("takes a backup that was begun and not finished for a failed one", () => {
    expect(readBackupLog([...good(100), ...begin(101)])).toEqual(
      new Map([
        [100, true],
        [101, false],
      ]),
    );
  });

  it("does not heed what a hook script or a guest's name says", () => {
    expect(
      readBackupLog(["INFO: VM Name: Finished Backup of VM 7 (", "HOOK: INFO: Finished Backup of VM 7 (1)"]),
    ).toEqual(new Map());
  });

  it("knows every guest that was begun, whatever stands between", () => {
    const part = fc.record({ vmid: fc.integer({ min: 100, max: 999 }), isGood: fc.boolean(), noise: fc.string() });
    fc.assert(
      fc.property(fc.uniqueArray(part, { selector: ({ vmid }) => vmid }), (parts) => {
        const lines = parts.flatMap(({ vmid, isGood, noise }) => [noise, ...(isGood ? good(vmid) : bad(vmid))]);
        expect(readBackupLog(lines)).toEqual(new Map(parts.map(({ vmid, isGood }) => [vmid, isGood])));
      }),
    );
  });
});
