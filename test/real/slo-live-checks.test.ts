import { afterAll, beforeAll, expect, it } from "vitest";
import { createHttpClient } from "../../src/lib/http/client.ts";
import { checkLive } from "../../src/slo/checks/live/index.ts";
import type { Slo } from "../../src/slo/model.ts";
import { httpSlo, promql } from "../../src/slo/rules/__fixtures__/slos.ts";
import { describeReal } from "../helpers/describe-real.ts";
import { startPrometheus, type PrometheusServer } from "../helpers/prometheus.ts";
import { waitUntil } from "../helpers/wait-until.ts";

const requests = "prometheus_http_requests_total";
const events = (id: string, total: string, errors: string): Slo =>
  httpSlo({ id, sli: { kind: "events", total: promql(total), errors: promql(errors) } });
const all = `sum(increase(${requests}[$window]))`;

describeReal("checks of SLOs with a Prometheus that scrapes itself", ["prometheus"], () => {
  const client = createHttpClient();
  let prometheus: PrometheusServer;
  beforeAll(async () => {
    prometheus = await startPrometheus({});
    const self = { job_name: "self", static_configs: [{ targets: [new URL(prometheus.url).host] }] };
    await prometheus.reload({ global: { scrape_interval: "1s" }, scrape_configs: [self] });
    await waitUntil("its own requests are counted", async () => {
      const [sample] = await prometheus.query(`sum(increase(${requests}{handler="/metrics"}[1h]))`);
      return (sample?.value ?? 0) > 2;
    });
  });
  afterAll(async () => {
    await prometheus.stop();
    await client.close();
  });

  it.each([
    [events("good", all, `sum(increase(${requests}{code=~"5.."}[$window]))`), []],
    [
      events("metric", all, "sum(increase(prometheus_http_failures_total[$window]))"),
      ["error unknown-series metric.sli.errors"],
    ],
    [
      events("label", all, `sum(increase(${requests}{status="500"}[$window]))`),
      ["error unknown-series label.sli.errors"],
    ],
    [
      events("value", `sum(increase(${requests}{handler="/nowhere"}[$window]))`, all),
      ["error unknown-series value.sli.total"],
    ],
    [events("ratio", all, `sum(increase(${requests}[$window])) * 3`), ["error ratio-out-of-range ratio.sli.errors"]],
    [
      events("refused", all, `sum(increase(${requests}[$window])) - on (job) ${requests}`),
      ["error refused-query refused.sli"],
    ],
  ])("$0.id: $1", async (slo, expected) => {
    const { minimum } = httpSlo({ minimum: { events: 0, failures: 0 } });
    const found = await checkLive([{ ...slo, minimum }], { client, url: prometheus.url });
    expect(found.map(({ severity, check, path }) => `${severity} ${check} ${path}`)).toEqual(expected);
  });
});
