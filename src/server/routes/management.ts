import type { FastifyInstance } from "fastify";
import { ConfigError } from "../../core/errors.ts";
import type { Alerting } from "../../app/alerting.ts";
import type { Runtime } from "../../app/runtime.ts";

/**
 * Prometheus' management API: `/-/healthy`, `/-/ready` (503 until every part was polled once, and while the store of alert
 * delivery can not be written) and `POST /-/reload`
 * (500 with the faults when the configuration can not be used).
 * Source: https://prometheus.io/docs/prometheus/latest/management_api/
 */
export function registerManagementRoutes(app: FastifyInstance, runtime: Runtime, alerting: Alerting | undefined): void {
  app.get("/-/healthy", (_, reply) => reply.type("text/plain").send("Watchkeeper is healthy.\n"));

  app.get("/-/ready", (_, reply) => {
    reply.type("text/plain");
    if (alerting?.isWritable() === false)
      return reply.code(503).send("Watchkeeper is not ready: the store of alert delivery can not be written.\n");
    if (runtime.isReady()) return reply.send("Watchkeeper is ready.\n");
    const waiting = runtime.statuses().filter(({ outcome }) => outcome === "pending").length;
    return reply.code(503).send(`Watchkeeper is not ready: ${waiting} parts were not polled yet.\n`);
  });

  app.route({
    method: ["POST", "PUT"],
    url: "/-/reload",
    handler: async (_, reply) => {
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
