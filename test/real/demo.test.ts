import { dirname } from "node:path";
import { request } from "undici";
import { expect, it } from "vitest";
import { describeReal } from "../helpers/describe-real.ts";
import { startDemo, toldUrl } from "../helpers/demo.ts";
import { waitUntil } from "../helpers/wait-until.ts";

const TWO_MINUTES = 120_000;

describeReal(
  "the demo with Prometheus and Alertmanager on PATH",
  ["prometheus", "alertmanager"],
  ({ prometheus, alertmanager }) => {
    it(
      "fires a first alert within two minutes",
      async () => {
        const begun = performance.now();
        const demo = await startDemo(`${dirname(prometheus)}:${dirname(alertmanager)}:${process.env["PATH"] ?? ""}`);
        const { origin } = new URL(toldUrl(demo, "/alerts"));
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
        demo.signal("SIGINT");
        expect(await demo.ended).toEqual({ code: 0, signal: null });
      },
      TWO_MINUTES + 30_000,
    );
  },
);
