import { dirname } from "node:path";
import { request } from "undici";
import { expect, it } from "vitest";
import { describeReal } from "../helpers/describe-real.ts";
import { demoMessages, startDemo, toldUrl } from "../helpers/demo.ts";
import type { RunningProcess } from "../helpers/process.ts";
import { waitUntil } from "../helpers/wait-until.ts";

const TWO_MINUTES = 120_000;

describeReal(
  "the demo with Prometheus and Alertmanager on PATH",
  ["prometheus", "alertmanager"],
  ({ prometheus, alertmanager }) => {
    it(
      "fires a first alert within two minutes, and tells it in Slack",
      async () => {
        const begun = performance.now();
        const demo = await startDemo(`${dirname(prometheus)}:${dirname(alertmanager)}:${process.env["PATH"] ?? ""}`);
        const { origin } = new URL(prometheusUrl(demo));
        expect(demo.output()).toContain("Alertmanager");
        await waitUntil(
          "Prometheus has a firing alert",
          async () => {
            const { body } = await request(`${origin}/api/v1/alerts`);
            const { data } = (await body.json()) as {
              data: { alerts: { state: string; labels: { alertname: string } }[] };
            };
            return data.alerts.some(({ state, labels }) => state === "firing" && labels.alertname === "VaultSealed");
          },
          { deadlineMs: TWO_MINUTES - (performance.now() - begun), everyMs: 500 },
        );
        await waitUntil(
          "Alertmanager's webhook has brought it to Slack",
          async () => (await demoMessages(demo)).get("slack")?.some(({ title }) => title.includes("is sealed")),
          { everyMs: 500 },
        );
        expect((await demoMessages(demo)).get("slack")?.some(({ title }) => title.includes("ApiErrorsHigh"))).toBe(
          true,
        );
        const panel = await waitUntil(
          "a dashboard shows the node that is sealed",
          async () => {
            const { body } = await request(`${toldUrl(demo, "/dashboards")}/watchkeeper-overview`);
            return (await body.text()).includes("Nodes sealed");
          },
          { everyMs: 500 },
        );
        expect(panel).toBe(true);
        expect((await request(new URL("/api/v1/slos", toldUrl(demo, "/slos")))).statusCode).toBe(200);
        demo.signal("SIGINT");
        expect(await demo.ended).toEqual({ code: 0, signal: null });
      },
      TWO_MINUTES + 30_000,
    );
  },
);

function prometheusUrl(demo: RunningProcess): string {
  const [, url = ""] = /^ {2}(http:\S+)\s+Prometheus, with the alert rules$/m.exec(demo.output()) ?? [];
  return url;
}
