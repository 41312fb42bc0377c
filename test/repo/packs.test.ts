import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packs } from "../../src/collectors/index.ts";
import { alertsAbout } from "../../src/dashboards/alert-levels.ts";
import { packageRoot } from "../../src/lib/package.ts";

/** What every pack is made of; a piece that has grown is a folder of that name beside the file that joins it. */
const EVERY_PACK = ["README.md", "alerts", "dashboards", "metrics", "pack", "runbooks", "signals"];
const EVERY_COLLECTOR = ["check", "client", "collector", "config", "inhibitions", "parts", "relations"];
/** Of a section that a pack's page has, in the order in which they are read. */
const SECTIONS = [
  "Access",
  "What is read, and how often",
  "Dashboards",
  "Without it, dark",
  "Traps",
  "Coming from",
] as const;

/** Why a pack does without a piece. */
const WITHOUT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  certificates: { client: "it has one for each kind of source" },
  slo: { alerts: "they are written from specifications", metrics: "its metrics are recorded by Prometheus" },
};

/** Alerts whose condition nobody sees as such on a dashboard, and what shows it. */
const SHOWN_OTHERWISE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  proxmox: {
    ProxmoxGuestRestarting: "the restarts of each guest are shown with its name",
    ProxmoxReplicationLate: "the age of each copy is shown; what is late depends on each job's schedule",
    ProxmoxStorageFullSoon: "the share in use of each storage is shown; the trend is in its course",
    ProxmoxUpdatesNeglected: "the updates that wait are shown; how long they do is in their course",
    ProxmoxZfsNeverScrubbed: "the time since the last scrub is absent for such a pool",
  },
  watchkeeper: { WatchkeeperDown: "while it fires there is nothing to show" },
};

const rooms = await Promise.all(
  packs.map(async ({ id, collector }) => {
    const folder = join(packageRoot, "src/collectors", id);
    const entries = await readdir(folder, { withFileTypes: true });
    const headings = (await readFile(join(folder, "README.md"), "utf8")).matchAll(/^## (.*)$/gm);
    return {
      id,
      pieces: [...EVERY_PACK, ...(collector === undefined ? [] : EVERY_COLLECTOR)],
      files: entries.filter((entry) => entry.isFile()).map(({ name }) => name),
      folders: entries.filter((entry) => entry.isDirectory()).map(({ name }) => name),
      headings: [...headings].map(([, heading = ""]) => heading),
    };
  }),
);

describe.each(rooms)("the folder of the pack $id", ({ id, pieces, files, folders, headings }) => {
  it("has the pieces that every pack has, by their names", () => {
    const has = (piece: string) => files.includes(piece) || files.includes(`${piece}.ts`) || folders.includes(piece);
    expect(pieces.filter((piece) => !has(piece))).toEqual(Object.keys(WITHOUT[id] ?? {}));
  });

  it("keeps what belongs to a piece in the folder of that name", () => {
    const strays = files.filter((file) => pieces.some((piece) => new RegExp(`^${piece}s?-.+\\.ts$`).test(file)));
    expect(strays.filter((file) => !file.endsWith(".test.ts"))).toEqual([]);
  });

  it("is explained in the order of all pages", () => {
    const known = headings.flatMap((heading) => {
      const place = SECTIONS.findIndex((section) => heading.startsWith(section));
      return place < 0 ? [] : [place];
    });
    expect(known).toEqual(known.toSorted((a, b) => a - b));
    expect(headings.filter((heading) => /dashboard/i.test(heading))).toEqual(["Dashboards"]);
  });
});

describe.each(packs.filter(({ alerts }) => alerts.length > 0))(
  "the dashboards of $id",
  ({ id, alerts, dashboards = [] }) => {
    it("show what each alert is about", () => {
      const panels = dashboards.flatMap(({ rows }) => rows.flatMap((row) => row.panels));
      const signals = panels.flatMap((each) => (each.kind === "signals" ? each.signals : []));
      const shown = new Set(signals.flatMap(({ expr }) => alertsAbout(expr.node, alerts).map(({ name }) => name)));
      const hidden = alerts.map(({ name }) => name).filter((name) => !shown.has(name));
      expect(hidden.toSorted()).toEqual(Object.keys(SHOWN_OTHERWISE[id] ?? {}).toSorted());
    });
  },
);
