import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { renderInhibitRules } from "../../src/alerting/inhibit-rules.ts";
import { packs } from "../../src/collectors/index.ts";
import { printYaml } from "../../src/lib/yaml.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { runProgram } from "../helpers/process.ts";
import { startAlertmanager, type SentAlert } from "../helpers/prometheus.ts";
import { waitUntil } from "../helpers/wait-until.ts";

const inhibitions = packs.flatMap((pack) => pack.inhibitions ?? []);
/** As a user puts them at the end of what is there. */
const config =
  printYaml({ route: { receiver: "people" }, receivers: [{ name: "people" }] }) + renderInhibitRules(packs);

const compared = [...new Set(inhibitions.flatMap(({ equal }) => equal))];

/** A label that the rule does not compare is another for each alert: two that lack one would be equal to other rules. */
const alert = (alertname: string, equal: readonly string[], value: string): SentAlert => ({
  labels: {
    alertname,
    ...Object.fromEntries(compared.map((label) => [label, equal.includes(label) ? value : `${alertname} of ${value}`])),
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
    expect(stdout).toContain(` - ${inhibitions.length} inhibit rules`);
  });

  it("silence what is of the same thing, and nothing else", async () => {
    const alertmanager = await startAlertmanager({ config });
    onTestFinished(() => alertmanager.stop());
    const known = inhibitions.flatMap(({ by, silences, equal }, i) => [
      alert(by, equal, `here-${i}`),
      ...silences.flatMap((name) => [alert(name, equal, `here-${i}`), alert(name, equal, `elsewhere-${i}-${name}`)]),
    ]);
    const wanted = inhibitions.flatMap(({ by, silences }) => [
      `${by} active`,
      ...silences.flatMap((name) => [`${name} suppressed`, `${name} active`]),
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
