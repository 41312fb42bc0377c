import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import type { Pack } from "../../core/pack.ts";
import type { Runtime } from "../../app/runtime.ts";
import { packageRoot, version } from "../../lib/package.ts";
import type { PageFrame } from "../pages/page.ts";
import { alertsOf, renderRunbookList, renderRunbookPage } from "../pages/runbook-page.ts";
import { renderTargetsPage } from "../pages/targets-page.ts";
import { ROUTES } from "../route-table.ts";
import { serveRoutes } from "../serve-routes.ts";
import { sendPage } from "./send-page.ts";

/** The pages for people: `/` with the targets, `/runbooks` and `/runbooks/<AlertName>`. */
export function registerPageRoutes(
  app: FastifyInstance,
  { runtime, packs, frame }: { readonly runtime: Runtime; readonly packs: readonly Pack[]; readonly frame: PageFrame },
): void {
  const alerts = new Map(
    packs.flatMap((pack) => alertsOf(pack).map((alert) => [alert.name, { pack, alert }] as const)),
  );
  serveRoutes(app, ROUTES.pages, {
    async targets(request, reply) {
      const target = [request.query["target"]].flat()[0] || undefined;
      const replicas = await runtime.division?.report();
      const options = { version, target, replicas, now: Date.now(), ...frame };
      return sendPage(reply, renderTargetsPage(runtime.statuses(), options));
    },

    runbooks: (_, reply) => sendPage(reply, renderRunbookList(packs, frame)),

    async runbook(request, reply) {
      const found = alerts.get(request.params.alert);
      if (found === undefined)
        return reply.code(404).type("text/plain").send("There is no runbook of this name; see /runbooks.\n");
      const { pack, alert } = found;
      const file = join(packageRoot, "src/collectors", pack.id, "runbooks", `${alert.name}.md`);
      return sendPage(reply, renderRunbookPage(alert, await readFile(file, "utf8"), frame));
    },
  });
}
