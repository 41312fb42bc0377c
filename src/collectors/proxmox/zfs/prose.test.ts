import fc from "fast-check";
import { DateTime, IANAZone } from "luxon";
import { describe, expect, it } from "vitest";
import { hasDataErrors, readCtime, readScan } from "./prose.ts";

const utc = IANAZone.create("UTC");
const ENDED = "Sun Oct 13 00:24:13 2024";

describe("readScan", () => {
  it.each([
    `scrub repaired 0B in 00:00:12 with 0 errors on ${ENDED}`,
    `scrub repaired 0B in 3 days 07:11:02 with 0 errors on ${ENDED}`,
    `scrub repaired 1.5M in 0 days 00:00:12 with 0 errors on ${ENDED}`,
    `scrub repaired 0 in 0h12m with 0 errors on ${ENDED}`,
    `scrub repaired 0B in 00:00:12 with 0 errors on ${ENDED} scan warning: skipped blocks that are only referenced by the checkpoint.`,
  ])("reads a scrub that came to its end: %s", (text) => {
    expect(readScan(text)).toEqual({ scrub: { ended: ENDED, errors: 0 }, resilvering: false });
  });

  it("reads how many errors a scrub found", () => {
    expect(readScan(`scrub repaired 4K in 00:10:02 with 12 errors on ${ENDED}`).scrub?.errors).toBe(12);
  });

  it.each([
    "none requested",
    `scrub in progress since ${ENDED} 1.20T / 3.00T scanned at 1.1G/s, 500G / 3.00T issued 0B repaired, 16.6% done`,
    `scrub paused since ${ENDED} scrub started on ${ENDED} 1.20T scanned, 0B repaired`,
    `scrub canceled on ${ENDED}`,
    `resilvered 1.2G in 00:00:11 with 0 errors on ${ENDED}`,
    `resilvered (mirror-0) 1.2G in 00:00:11 with 0 errors on ${ENDED}`,
    `resilver canceled on ${ENDED}`,
    `resilver (raidz1-0) canceled on ${ENDED}`,
  ])("knows no finished scrub and no resilver under way from: %s", (text) => {
    expect(readScan(text)).toEqual({ resilvering: false });
  });

  it.each([
    `resilver in progress since ${ENDED} 1.20T scanned`,
    `resilver (mirror-0) in progress since ${ENDED} 1.20T scanned`,
  ])("sees a resilver under way: %s", (text) => {
    expect(readScan(text)).toEqual({ resilvering: true });
  });

  it.each([
    undefined,
    "",
    `scrub repaired 0B with 0 errors on ${ENDED}`,
    `scrub repaired 0B in 00:00:12 with no errors on ${ENDED}`,
    "scrub repaired 0B in 00:00:12 with 0 errors on 2024-10-13T00:24:13Z",
    "resilver finished",
    "Rebuild in progress",
  ])("makes no time and no count of other words: %s", (text) => {
    expect(readScan(text).scrub).toBeUndefined();
  });

  it("says nothing at all of words that it does not know, whatever they are", () => {
    const unknown = fc
      .string({ unit: "grapheme" })
      .filter((text) => !/^(?:none requested|scrub|resilver)/.test(text.trim()));
    fc.assert(
      fc.property(unknown, (text) => {
        expect(readScan(text)).toEqual({});
      }),
    );
  });

  it("finds count and time whatever the figures between them are", () => {
    const figure = fc.stringMatching(/^[0-9.]{1,5}[BKMGT]?$/);
    const took = fc.stringMatching(/^(?:\d{1,3} days )?\d\d:\d\d:\d\d$/);
    fc.assert(
      fc.property(figure, took, fc.nat(), (repaired, time, errors) => {
        const text = `scrub repaired ${repaired} in ${time} with ${errors} errors on ${ENDED}`;
        expect(readScan(text)).toEqual({ scrub: { ended: ENDED, errors }, resilvering: false });
      }),
    );
  });
});

describe("hasDataErrors", () => {
  it.each([
    ["No known data errors", false],
    ["1 data error, use '-v' for a list", true],
    ["412 data errors, use '-v' for a list", true],
    ["0 data errors, use '-v' for a list", false],
    ["Permanent errors have been detected in the following files: rpool/data:<0x1>", true],
    ["List of errors unavailable: permission denied", undefined],
    ["some wording of tomorrow", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("makes of %j: %j", (text, expected) => {
    expect(hasDataErrors(text)).toBe(expected);
  });
});

describe("readCtime", () => {
  it("reads a day of one digit, which ctime pads", () => {
    expect(readCtime("Sun Jun  1 03:12:00 2025", utc)).toBe(Date.UTC(2025, 5, 1, 3, 12) / 1000);
  });

  it("heeds the node's zone and its summer time", () => {
    const vienna = IANAZone.create("Europe/Vienna");
    expect(readCtime("Sun Jul 14 00:24:13 2024", vienna)).toBe(Date.UTC(2024, 6, 13, 22, 24, 13) / 1000);
    expect(readCtime("Sun Dec  8 00:24:13 2024", vienna)).toBe(Date.UTC(2024, 11, 7, 23, 24, 13) / 1000);
  });

  it.each(["", "Sun Oct 13", "Mon Oct 13 00:24:13 2024", "Sun Oct 13 25:24:13 2024", "So 13. Okt 00:24:13 2024"])(
    "does not guess: %s",
    (text) => {
      expect(readCtime(text, utc)).toBeUndefined();
    },
  );

  it("reads back every moment that ctime writes, in any zone", () => {
    const zones = ["UTC", "Europe/Vienna", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia"];
    const moment = fc.integer({ min: 0, max: 4_102_444_800 });
    fc.assert(
      fc.property(moment, fc.constantFrom(...zones), (seconds, zone) => {
        const written = ctime(seconds, zone);
        const read = readCtime(written, IANAZone.create(zone));
        // in the hour that summer time gives back, two moments have one text
        expect(ctime(read ?? Number.NaN, zone)).toBe(written);
      }),
    );
  });
});

function ctime(seconds: number, zone: string): string {
  const at = DateTime.fromSeconds(seconds, { zone, locale: "en-US" });
  return `${at.toFormat("ccc LLL")} ${String(at.day).padStart(2)} ${at.toFormat("HH:mm:ss yyyy")}`;
}
