import Fastify from "fastify";
import type { Alert } from "../../src/core/alert.ts";
import type { OpenTarget } from "../../src/core/pack.ts";
import { printPromql } from "../../src/core/promql-print.ts";
import { pollTarget } from "./poll-target.ts";
import { startPrometheus } from "./prometheus.ts";
import { waitUntil } from "./wait-until.ts";

/** A real Prometheus that two Watchkeepers, which poll the same systems, are scraped by. */
export interface AlertConditions {
  /** Polls a system, and waits until Prometheus has what was found from both, with this name as its target. */
  see(system: OpenTarget, target: string): Promise<void>;
  /**
   * The alerts whose conditions hold for the target, whatever they wait for, with what they are about, sorted:
   * `TrueNasDiskSilent disk=sdb serial=S1`.
   */
  holding(target: string): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** Starts it for the alerts of one pack. */
export async function startAlertConditions(alerts: readonly Alert<string>[]): Promise<AlertConditions> {
  let text = "";
  let generation = 0;
  const app = Fastify();
  app.get("/metrics", async (_, reply) => reply.type("text/plain; version=0.0.4").send(text));
  const host = new URL(await app.listen({ host: "127.0.0.1", port: 0 })).host;
  const job = (job_name: string) => ({ job_name, static_configs: [{ targets: [host] }] });
  const prometheus = await startPrometheus({ config: { scrape_configs: [job("one"), job("two")] } });
  return {
    async see(system, target) {
      const { series } = await pollTarget(system);
      generation += 1;
      const lines = [...series].map(([name, value]) => `${withTarget(name, target)} ${value}\n`);
      text = `${lines.join("")}generation ${generation}\n`;
      await waitUntil(
        "both have been scraped",
        async () => (await prometheus.query(`generation == ${generation}`)).length === 2,
      );
    },
    async holding(target) {
      const found = await Promise.all(
        alerts.map(async ({ name, when }) =>
          (await prometheus.query(printPromql(when.node)))
            .filter(({ labels }) => labels["target"] === target)
            .map(({ labels }) => told(name, labels)),
        ),
      );
      return found.flat().toSorted();
    },
    async stop() {
      await prometheus.stop();
      await app.close();
    },
  };
}

const withTarget = (series: string, target: string): string =>
  series.includes("{") ? series.replace("{", `{target="${target}",`) : `${series}{target="${target}"}`;

function told(name: string, labels: Readonly<Record<string, string>>): string {
  const about = Object.entries(labels).filter(([label]) => label !== "target");
  return [name, ...about.map(([label, value]) => `${label}=${value}`).toSorted()].join(" ");
}
