import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { loadSpecs } from "../../src/app/slo/specs.ts";
import { packageRoot } from "../../src/lib/package.ts";
import { printYaml } from "../../src/lib/yaml.ts";
import { renderSloRuleFile } from "../../src/slo/rules/files.ts";
import { sloRules } from "../../src/slo/rules/groups.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { createTemporaryFolder } from "../helpers/janitor.ts";
import { runProgram } from "../helpers/process.ts";

const { slos } = await loadSpecs([join(packageRoot, "examples/slo/sloth.yaml")]);
const ID = "billing-requests-availability";
const sloth = `sloth_id="${ID}",sloth_service="billing",sloth_slo="requests-availability"`;

const requests = (code: string, values: string) => ({
  series: `http_requests_total{job="billing",code="${code}"}`,
  values,
});

/** A fifth of all requests fails from 3 hours on. */
const OUTAGE = {
  interval: "1m",
  input_series: [requests("200", "0+600x180 108000+480x20"), requests("500", "0x180 120+120x20")],
  promql_expr_test: [
    { expr: 'count(ALERTS{sloth_severity="page",alertstate="firing"})', eval_time: "3h", exp_samples: [] },
    {
      expr: 'count by (alertname, sloth_service, sloth_slo) (ALERTS{sloth_severity="page",alertstate="firing"})',
      eval_time: "3h12m",
      exp_samples: [
        {
          labels: '{alertname="BillingHighErrorRate",sloth_service="billing",sloth_slo="requests-availability"}',
          value: 1,
        },
      ],
    },
  ],
};

/** Five hours were counted without the labels; half of the requests failed then, and as many came well afterwards. */
const CHANGE = {
  interval: "1m",
  input_series: [
    { series: `slo:sli_total:increase5m{slo_id="${ID}"}`, values: "500x294" },
    { series: `slo:sli_errors:increase5m{slo_id="${ID}"}`, values: "250x294" },
    requests("200", "_x300 0+100x300"),
  ],
  promql_expr_test: [
    {
      // to a hundredth: the last count is seen for 5 minutes more, and the first one after it begins a minute late
      expr: "round(slo:sli_error:ratio_rate30d, 0.01)",
      eval_time: "10h",
      exp_samples: [{ labels: `{slo_id="${ID}",${sloth},sloth_window="30d"}`, value: 0.25 }],
    },
  ],
};

describeReal("rules that are compatible with sloth", ["promtool"], ({ promtool }) => {
  it.each([
    ["page for an outage", OUTAGE],
    ["go on with what was counted before they were", CHANGE],
  ])("%s", async (_, test) => {
    const { path: folder, remove } = await createTemporaryFolder("slo-compat");
    const groups = sloRules(
      slos.filter(({ id }) => id === ID),
      { externalUrl: "http://watchkeeper.example", compat: "sloth" },
    );
    await writeFile(join(folder, "rules.yaml"), renderSloRuleFile(groups));
    const file = { rule_files: ["rules.yaml"], evaluation_interval: "30s", tests: [test] };
    await writeFile(join(folder, "test.yaml"), printYaml(file));
    const { code, stdout, stderr } = await runProgram(promtool, ["test", "rules", join(folder, "test.yaml")]);
    await remove();
    expect({ code, output: stdout + stderr }).toMatchObject({ code: 0 });
  });
});
