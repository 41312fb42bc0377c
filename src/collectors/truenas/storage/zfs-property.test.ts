import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { zfsBound, zfsNumber, zfsSwitch, zfsText } from "./zfs-property.ts";

describe("a property of ZFS", () => {
  it.each([
    [{ parsed: 5, rawvalue: "6", value: "7" }, 5],
    [{ parsed: null, rawvalue: "6", value: "6 B" }, 6],
    [{ parsed: "5" }, 5],
    [{ parsed: null, rawvalue: null, value: "12 GiB" }, undefined],
    [{}, undefined],
    [5, 5],
    ["5", 5],
    ["12G", undefined],
    [null, undefined],
    [undefined, undefined],
    [[1], undefined],
  ])("has a number: %j", (found, number) => {
    expect(zfsNumber.parse(found)).toBe(number);
  });

  it.each([
    [{ parsed: null, rawvalue: "0", value: null }, undefined],
    [{ parsed: 0 }, undefined],
    [{ parsed: "none" }, undefined],
    [0, undefined],
    [-1, undefined],
    [{ parsed: 1024 }, 1024],
  ])("has a bound, or none: %j", (found, bytes) => {
    expect(zfsBound.parse(found)).toBe(bytes);
  });

  it.each([
    [{ parsed: "off", rawvalue: "off", value: "off" }, false],
    [{ parsed: true, rawvalue: "on" }, true],
    [{ parsed: null, rawvalue: "ON" }, true],
    [{ parsed: 1 }, undefined],
    ["off", false],
    [true, true],
    [null, undefined],
  ])("is a switch: %j", (found, value) => {
    expect(zfsSwitch.parse(found)).toBe(value);
  });

  it.each([
    [{ parsed: "tank@a", value: "TANK@A" }, "tank@a"],
    [{ parsed: "", rawvalue: "", value: "" }, undefined],
    [{ value: "true", source: "LOCAL" }, "true"],
    ["true", "true"],
    [7, undefined],
  ])("has a text: %j", (found, text) => {
    expect(zfsText.parse(found)).toBe(text);
  });

  it("is never a fault, whatever it is", () => {
    fc.assert(
      fc.property(fc.anything(), (found) => {
        for (const shape of [zfsNumber, zfsBound, zfsSwitch, zfsText])
          expect(shape.safeParse(found).success).toBe(true);
      }),
    );
  });
});
