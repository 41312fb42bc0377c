import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { milliseconds } from "../../core/duration.ts";
import type { Repetition } from "../../lib/repeat.ts";
import { loadWebConfig } from "./load.ts";
import { watchWebConfig } from "./watch.ts";
import type { WebConfig } from "./web-config.ts";

let folder: string;
let file: string;
let config: WebConfig;
let watch: Repetition;
let changes: WebConfig[];
let faults: string[];
let looks: number;

async function write(frame: string): Promise<void> {
  await writeFile(`${file}.new`, `http_server_config: { headers: { X-Frame-Options: ${frame} } }`);
  await rename(`${file}.new`, file);
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "web-watch-"));
  file = join(folder, "web.yml");
  await write("deny");
  config = await loadWebConfig(file);
  changes = [];
  faults = [];
  looks = 0;
});
afterEach(async () => {
  await watch.stop();
  await rm(folder, { recursive: true });
});

function start(changed: (next: WebConfig) => void = (next) => (config = next)): void {
  watch = watchWebConfig({
    current: () => {
      looks++;
      return config;
    },
    changed: (next) => {
      changes.push(next);
      changed(next);
    },
    failed: (fault) => faults.push(fault.message),
    every: milliseconds(2),
  });
}

describe("watchWebConfig", () => {
  it("hands over what has changed, once", async () => {
    start();
    await watch.first;
    expect(changes).toEqual([]);
    await write("sameorigin");
    await expect.poll(() => config.headers).toEqual({ "X-Frame-Options": "sameorigin" });
    await write("deny");
    await expect.poll(() => config.headers).toEqual({ "X-Frame-Options": "deny" });
    expect(changes).toHaveLength(2);
  });

  it("tells a fault once, keeps what it has, and takes the repaired file", async () => {
    start();
    await write("never");
    await expect.poll(() => faults).toEqual([expect.stringContaining("must be one of deny, sameorigin")]);
    await rm(file);
    await expect.poll(() => faults.at(-1)).toContain("there is no such file");
    expect(config.headers).toEqual({ "X-Frame-Options": "deny" });
    await write("sameorigin");
    await expect.poll(() => config.headers).toEqual({ "X-Frame-Options": "sameorigin" });
    expect(new Set(faults).size).toBe(faults.length);
  });

  it("passes over what only one look has seen", async () => {
    watch = watchWebConfig({
      // each look asks once for the file, and sees another text than the one before
      current: () => {
        writeFileSync(file, `http_server_config: { headers: { X-XSS-Protection: "${++looks}" } }`);
        return config;
      },
      changed: (next) => changes.push(next),
      failed: (fault) => faults.push(fault.message),
      every: milliseconds(2),
    });
    await expect.poll(() => looks).toBeGreaterThan(5);
    await watch.stop();
    expect([changes, faults]).toEqual([[], []]);
  });

  it("tells what the change itself throws, once", async () => {
    start(() => {
      throw new Error("needs a restart");
    });
    await write("sameorigin");
    await expect.poll(() => faults).toEqual(["needs a restart"]);
    const before = looks;
    await expect.poll(() => looks).toBeGreaterThan(before + 5);
    expect([changes.length, faults.length]).toEqual([1, 1]);
  });
});
