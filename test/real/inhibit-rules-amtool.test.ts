import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { renderInhibitRules } from "../../src/alerting/inhibit-rules.ts";
import { packs } from "../../src/collectors/index.ts";
import { printYaml } from "../../src/lib/yaml.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { runProgram } from "../helpers/process.ts";
import { startAlertmanager, type SentAlert } from "../helpers/prometheus.ts";
import { waitUntil } from "../helpers/wait-until.ts";

/** What is silenced by each, and by which labels: alerts of another pack have one, for they are of all collectors. */
const inhibitions = packs.flatMap(({ inhibitions: of = [], alerts, collector }) =>
  of.map(({ by, silences, having = {}, equal }) => {
    const isForeign = (name: string): boolean => !alerts.some((own) => own.name === name);
    const labelsOf = (name: string): Readonly<Record<string, string>> =>
      isForeign(name) && collector !== undefined ? { collector: collector.id, ...having } : having;
    return { by, equal, silences: silences.map((name) => ({ name, labels: labelsOf(name) })) };
  }),
);
/** As a user puts them at the end of what is there. */
const config =
  printYaml({ route: { receiver: "people" }, receivers: [{ name: "people" }] }) + renderInhibitRules(packs);

const compared = [...new Set(inhibitions.flatMap(({ equal }) => equal))];

interface Sent {
  readonly alertname: string;
  readonly equal: readonly string[];
  readonly value: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * A label that the rule does not compare is another for each alert: two that lack one would be equal to other rules.
 */
const alert = ({ alertname, equal, value, labels }: Sent): SentAlert => ({
  labels: {
    alertname,
    ...Object.fromEntries(compared.map((label) => [label, equal.includes(label) ? value : `${alertname} of ${value}`])),
    ...labels,
  },
  startsAt: Date.now() - 60_000,
});

describeReal("the rules for what silences what", ["amtool", "alertmanager"], ({ amtool }) => {
  it("are some to Alertmanager", async () => {
    const folder = await createTemporaryFolder("inhibit-rules");
    onTestFinished(() => folder.remove());
    const file = join(folder.path, "alertmanager.yml");
    await writeFile(file, config);
    const options = ["check-config", "--enable-feature=utf8-strict-mode", file];
    const { code, stdout, stderr } = await runProgram(amtool, options);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const written = (parse(config) as { inhibit_rules: readonly unknown[] }).inhibit_rules;
    expect(stdout).toContain(` - ${written.length} inhibit rules`);
  });

  it("silence what is of the same thing, and nothing else", async () => {
    const alertmanager = await startAlertmanager({ config });
    onTestFinished(() => alertmanager.stop());
    const known = inhibitions.flatMap(({ by, silences, equal }, i) => [
      alert({ alertname: by, equal, value: `here-${i}` }),
      ...silences.flatMap(({ name, labels }) => [
        alert({ alertname: name, equal, value: `here-${i}`, labels }),
        alert({ alertname: name, equal, value: `elsewhere-${i}-${name}`, labels }),
        ...Object.entries(labels).map(([label, value]) =>
          alert({ alertname: name, equal, value: `here-${i}`, labels: { ...labels, [label]: `not-${value}` } }),
        ),
      ]),
    ]);
    const wanted = inhibitions.flatMap(({ by, silences }) => [
      `${by} active`,
      ...silences.flatMap(({ name, labels }) => [
        `${name} suppressed`,
        `${name} active`,
        ...Object.keys(labels).map(() => `${name} active`),
      ]),
    ]);
    await alertmanager.send(known);
    await waitUntil("Alertmanager suppresses what the rules say", async () => {
      const states = (await alertmanager.alerts()).map(
        ({ labels, status }) => `${labels["alertname"]} ${status.state}`,
      );
      expect(states.toSorted()).toEqual(wanted.toSorted());
      return true;
    });
  });
});
