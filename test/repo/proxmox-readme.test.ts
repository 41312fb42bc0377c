import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { proxmoxCollector } from "../../src/collectors/proxmox/collector.ts";
import { parseDuration } from "../../src/core/duration.ts";
import { packageRoot } from "../../src/lib/package.ts";

const text = await readFile(join(packageRoot, "src/collectors/proxmox/README.md"), "utf8");
const { parts } = proxmoxCollector;

describe("the page of the Proxmox VE pack", () => {
  it("names every metric, and no other", () => {
    const named = [...text.matchAll(/\bpve_[a-z0-9_]*[a-z0-9]\b(?!_?\*|\w)/g)].map(([name]) => name);
    const metrics = parts.flatMap((part) => Object.values(part.metrics).map(({ name }) => name));
    expect([...new Set(named)].toSorted()).toEqual(metrics.toSorted());
  });

  it("names every part, with its interval", () => {
    const rows = text.matchAll(/^\| `([a-z-]+)` +\| (\d+) (s|min|h) /gm);
    const told = [...rows].map(([, id, count, unit]) => [id, parseDuration(`${count}${unit === "min" ? "m" : unit}`)]);
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(parts.map(({ id, every }) => [id, every])));
  });
});
