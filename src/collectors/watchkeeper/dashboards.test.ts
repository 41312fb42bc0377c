import { expect, test } from "vitest";
import { packs } from "../index.ts";
import { allDashboards } from "../../dashboards/all.ts";
import { watchkeeperPack } from "./pack.ts";

const own = new Set(watchkeeperPack.dashboards?.map(({ id }) => `watchkeeper-${id}`));
const resolved = allDashboards(packs, { externalUrl: "https://wk.example.org" }).filter(({ uid }) => own.has(uid));

test("what somebody must act on is red or orange by its alert", () => {
  const panels = resolved.flatMap(({ rows }) => rows.flatMap((row) => row.panels));
  const severityOf = (title: string) => {
    const found = panels.find((each) => each.title === title);
    return found?.kind === "signals" ? (found.booleans?.zero ?? found.levels.at(-1)?.severity) : undefined;
  };
  expect(severityOf("Parts without data")).toBe("warning");
  expect(severityOf("Most polls missed")).toBe("warning");
  expect(severityOf("Oldest message that waits")).toBe("critical");
  expect(severityOf("Store can be written")).toBe("critical");
});
