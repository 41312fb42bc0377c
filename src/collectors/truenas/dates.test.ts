import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { looseDate } from "./dates.ts";

const SECONDS = 1_764_158_400;

describe("a date of the API", () => {
  it.each([
    [{ $date: SECONDS * 1000 }],
    [{ $date: String(SECONDS * 1000) }],
    [{ $date: "2025-11-26T12:00:00Z" }],
    ["2025-11-26T12:00:00Z"],
    ["2025-11-26T12:00:00"],
    ["2025-11-26 12:00:00+00:00"],
    ["2025-11-26T13:30:00.000+0130"],
    [SECONDS],
    [SECONDS * 1000],
    [String(SECONDS)],
    [` ${SECONDS * 1000} `],
  ])("is read: %j", (found) => {
    expect(looseDate.parse(found)).toBe(SECONDS);
  });

  it("keeps parts of a second, and reads a day alone as its beginning", () => {
    expect(looseDate.parse({ $date: 1_500 })).toBe(1.5);
    expect(looseDate.parse("2025-11-26")).toBe(SECONDS - 12 * 3600);
  });

  it.each([[null], [undefined], [0], [{ $date: 0 }], [{ $date: null }], [{}], [-5], [Number.NaN], [Infinity]])(
    "is unknown: %j",
    (found) => {
      expect(looseDate.parse(found)).toBeUndefined();
    },
  );

  it.each([[""], ["never"], ["Thu Nov 26 12:00"], ["2025-13-45T99:99:99Z"], ["1e9999"], [true], [[1]]])(
    "is unknown in another form: %j",
    (found) => {
      expect(looseDate.parse(found)).toBeUndefined();
    },
  );

  it("never throws and is never anything but a time after 1970", () => {
    fc.assert(
      fc.property(fc.anything(), (found) => {
        const read = looseDate.parse(found);
        expect(read === undefined || (Number.isFinite(read) && read > 0)).toBe(true);
      }),
    );
  });

  it("is the same from every form", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("1980-01-01"), max: new Date("2100-01-01"), noInvalidDate: true }),
        (date) => {
          const milliseconds = date.getTime();
          for (const form of [{ $date: milliseconds }, milliseconds, date.toISOString()])
            expect(looseDate.parse(form)).toBe(milliseconds / 1000);
        },
      ),
    );
  });
});
