import type { FastifyInstance } from "fastify";
import { ConfigError } from "../../core/errors.ts";
import type { Alerting } from "../../app/alerting.ts";
import type { PartStatus } from "../../app/part-status.ts";
import type { Runtime } from "../../app/runtime.ts";
import { targetKey } from "../../app/target-key.ts";
import { ROUTES } from "../route-table.ts";
import { serveRoutes } from "../serve-routes.ts";

const NO_MEMBER =
  "Watchkeeper is not ready: it is not among the replicas that divide the targets, and polls none. It joins by itself when the store answers.\n";

/** Which targets this replica polls. */
function shareText(ours: readonly PartStatus[], runtime: Runtime): string {
  const names = [...new Set(ours.map(({ collector, target }) => targetKey({ collector, name: target })))];
  return `It polls ${names.length} of ${runtime.config().targets.length} targets${names.length > 0 ? ":" : "."}\n${names.map((name) => `${name}\n`).join("")}`;
}

/**
 * Prometheus' management API: `/-/healthy`, `/-/ready` (503 until every part was polled once, while the store of alert
 * delivery can not be written, and while a replica polls nothing because it can not be sure of its targets) and
 * `POST /-/reload` (500 with the faults when the configuration can not be used).
 * Source: https://prometheus.io/docs/prometheus/latest/management_api/
 */
export function registerManagementRoutes(app: FastifyInstance, runtime: Runtime, alerting: Alerting | undefined): void {
  serveRoutes(app, ROUTES.management, {
    healthy: (_, reply) => reply.type("text/plain").send("Watchkeeper is healthy.\n"),

    ready(_, reply) {
      reply.type("text/plain");
      if (alerting?.isWritable() === false)
        return reply.code(503).send("Watchkeeper is not ready: the store of alert delivery can not be written.\n");
      const { division } = runtime;
      if (division?.isMember() === false) return reply.code(503).send(NO_MEMBER);
      const ours = runtime.statuses().filter(({ isElsewhere }) => !isElsewhere);
      if (runtime.isReady()) return reply.send(`Watchkeeper is ready.\n${division ? shareText(ours, runtime) : ""}`);
      const waiting = ours.filter(({ outcome }) => outcome === "pending").length;
      return reply.code(503).send(`Watchkeeper is not ready: ${waiting} parts were not polled yet.\n`);
    },

    async reload(_, reply) {
      reply.type("text/plain");
      try {
        await runtime.reload();
        return await reply.send("The configuration was reloaded.\n");
      } catch (thrown) {
        if (!(thrown instanceof ConfigError)) throw thrown;
        return reply.code(500).send(`The configuration was not reloaded:\n${thrown.message}\n`);
      }
    },
  });
}
