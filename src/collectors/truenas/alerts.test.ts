import { expect, it } from "vitest";
import { trueNasAlerts } from "./alerts.ts";
import { COVERED_CLASSES } from "./native-classes.ts";

const names = trueNasAlerts.map(({ name }) => name);

it("leaves a native alert out only for an alert that exists", () => {
  expect(Object.values(COVERED_CLASSES).filter((name) => !names.includes(name))).toEqual([]);
});

it("leaves classes out whose names are plain, since they are put into a pattern", () => {
  expect(Object.keys(COVERED_CLASSES).filter((name) => !/^\w+$/.test(name))).toEqual([]);
});

it("names each alert once", () => {
  expect(new Set(names).size).toBe(names.length);
});
