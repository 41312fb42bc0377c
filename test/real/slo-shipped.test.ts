import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parser } from "@prometheus-io/lezer-promql";
import { describe, expect, it } from "vitest";
import { loadSpecs } from "../../src/app/slo/specs.ts";
import { packageRoot } from "../../src/lib/package.ts";
import { printYaml } from "../../src/lib/yaml.ts";
import type { Slo } from "../../src/slo/model.ts";
import { renderSloRuleFile } from "../../src/slo/rules/files.ts";
import { sloRules } from "../../src/slo/rules/groups.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { runProgram } from "../helpers/process.ts";

const { slos, findings, sound } = await loadSpecs([join(packageRoot, "slo")]);

const queriesOf = ({ sli }: Slo): readonly string[] =>
  sli.kind === "events" ? [sli.total.at("5m"), sli.errors.at("5m")] : [];

function metricsOf(query: string): readonly string[] {
  const found: string[] = [];
  parser
    .parse(query)
    .cursor()
    .iterate(({ node, type }) => {
      const name = type.name === "VectorSelector" ? node.getChild("Identifier") : null;
      if (name !== null) found.push(query.slice(name.from, name.to));
    });
  return found;
}

describe("the objectives that come with Watchkeeper", () => {
  it("are sound, and of each kind that is promised", () => {
    expect(findings.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(sound.map(({ id }) => id).toSorted()).toEqual([
      "backups-guests",
      "backups-server-jobs",
      "vault-active-node",
      "watchkeeper-delivery",
      "watchkeeper-first-message",
      "watchkeeper-intake",
      "watchkeeper-polls",
    ]);
  });

  it.each(slos.map((slo) => [slo.id, slo] as const))("ask for metrics that exist: %s", async (_, slo) => {
    const reference = await readFile(join(packageRoot, "docs/reference/metrics.md"), "utf8");
    const names = queriesOf(slo).flatMap(metricsOf);
    expect(names.length).toBeGreaterThan(1);
    const missing = names.filter((name) => !reference.includes(`\`${name.replace(/_(?:bucket|count)$/, "")}\``));
    expect(missing).toEqual([]);
  });
});

const DAY = 86_400;

/** Guests of one target, whose job runs daily: when their newest backup was begun, and how many they have. */
const guest = (id: string, last: number | undefined, backups: number | undefined) => {
  const labels = `{target="pve",id="${id}"}`;
  return [
    { series: `pve_guest_backup_interval_seconds${labels}`, values: `${DAY}x30` },
    ...(last === undefined
      ? []
      : [{ series: `pve_guest_backup_last_timestamp_seconds${labels}`, values: `${last}x30` }]),
    ...(backups === undefined ? [] : [{ series: `pve_guest_backups${labels}`, values: `${backups}x30` }]),
  ];
};

describeReal("the objective of guests' backups", ["promtool"], ({ promtool }) => {
  it("counts guests whose backup is old or was never made, and leaves out those that could not be read", async () => {
    const { path: folder, remove } = await createTemporaryFolder("slo-backups");
    const groups = sloRules(
      slos.filter(({ id }) => id === "backups-guests"),
      { externalUrl: "http://watchkeeper.example" },
    );
    await writeFile(join(folder, "rules.yaml"), renderSloRuleFile(groups));
    // time begins at 0, so that a backup of a day ago was begun before it
    const series = [
      ...guest("fresh", 0, 3),
      ...guest("a-day-old", -DAY, 3),
      ...guest("two-days-old", -2 * DAY, 3),
      ...guest("never", undefined, 0),
      ...guest("not-read", undefined, undefined),
    ];
    const expected = [
      ["slo:sli_total:increase5m", 4 * 5],
      ["slo:sli_errors:increase5m", 2 * 5],
    ] as const;
    const test = {
      rule_files: ["rules.yaml"],
      evaluation_interval: "1m",
      tests: [
        {
          interval: "1m",
          input_series: series,
          promql_expr_test: expected.map(([name, value]) => ({
            expr: name,
            eval_time: "20m",
            exp_samples: [{ labels: `${name}{slo_id="backups-guests",target="pve"}`, value }],
          })),
        },
      ],
    };
    await writeFile(join(folder, "test.yaml"), printYaml(test));
    const { code, stdout, stderr } = await runProgram(promtool, ["test", "rules", join(folder, "test.yaml")]);
    await remove();
    expect({ code, output: stdout + stderr }).toMatchObject({ code: 0 });
  });
});
