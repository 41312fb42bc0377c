import { describe, expect, it } from "vitest";
import { chooseVersion, dialectOfRelease } from "./offered-versions.ts";

const chosen = (...offered: string[]) => {
  const choice = chooseVersion(offered);
  return choice && [choice.dialect.release, choice.version, choice.newer];
};

describe("the version that is spoken with a server", () => {
  it.each([
    [
      ["v25.04.0", "v25.04.2", "v25.04.1"],
      ["25.04", "v25.04.2", undefined],
    ],
    [
      ["v25.04.2", "v25.10.10", "v25.10.9"],
      ["25.10", "v25.10.10", undefined],
    ],
    [
      ["v25.10.2", "v26.0.0"],
      ["26", "v26.0.0", undefined],
    ],
    [
      ["v27.0.0", "v26.0.1", "v25.10.2"],
      ["26", "v26.0.1", "v27.0.0"],
    ],
    [
      ["v28.0.0", "v27.1.0", "v27.0.0"],
      ["26", "v27.0.0", "v28.0.0"],
    ],
    [["v27.0.0"], ["26", "v27.0.0", "v27.0.0"]],
    [
      ["v25.10.0", "v25.11.0"],
      ["25.10", "v25.10.0", "v25.11.0"],
    ],
    [
      ["current", "v25.10.1"],
      ["25.10", "v25.10.1", undefined],
    ],
  ])("of %j is %j", (offered, expected) => {
    expect(chosen(...offered)).toEqual(expected);
  });

  it("is none when nothing that is offered is a version", () => {
    expect(chosen()).toBeUndefined();
    expect(chosen("latest", "")).toBeUndefined();
  });
});

describe("the dialect of a release", () => {
  it.each([
    ["TrueNAS-SCALE-24.10.2.4", "24.10"],
    ["24.04.2", "24.10"],
    ["TrueNAS-25.04.2", "25.04"],
    ["25.10-BETA.1", "25.10"],
    ["25.12.0", "25.10"],
    ["26.0.0-BETA.3", "26"],
    ["26.04", "26"],
    ["27.1", "26"],
  ])("%s is %s", (release, expected) => {
    expect(dialectOfRelease(release)?.release).toBe(expected);
  });

  it("is unknown for a text without a version", () => {
    expect(dialectOfRelease("MASTER-20261101")).toBeUndefined();
    expect(dialectOfRelease("")).toBeUndefined();
  });
});
