import { fastify, LogController, type FastifyInstance } from "fastify";
import type { Preview } from "../../app/preview/preview.ts";
import { registerBrowserGuard } from "../browser-guard.ts";
import { PREVIEW_ROUTES, ROUTES } from "../route-table.ts";
import { holdToRoutes, serveRoutes } from "../serve-routes.ts";
import { registerPreviewRoutes } from "./preview.ts";

/** A server that has nothing but the pages of dashboards. It does not listen yet. */
export function createPreviewApp(preview: Preview): FastifyInstance {
  const app: FastifyInstance = fastify({
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    requestTimeout: 30_000,
    routerOptions: { ignoreTrailingSlash: true },
  });
  holdToRoutes(app, [PREVIEW_ROUTES, ROUTES.dashboards]);
  registerBrowserGuard(app, { publicNames: [] });
  serveRoutes(app, PREVIEW_ROUTES, { home: (_, reply) => reply.redirect(ROUTES.dashboards.overview.path) });
  registerPreviewRoutes(app, () => preview, { hasAlerts: false, hasDashboards: true, isPreview: true });
  app.setNotFoundHandler((_, reply) =>
    reply.code(404).type("text/plain").send("There is nothing here; see /dashboards.\n"),
  );
  return app;
}
