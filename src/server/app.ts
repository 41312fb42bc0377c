import { fastify, LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyReply } from "fastify";
import type { ServerOptions } from "node:https";
import type { Pack } from "../core/pack.ts";
import type { Exposition } from "../exporters/prometheus/exposition.ts";
import type { Alerting } from "../app/alerting.ts";
import type { EvidenceBoard } from "../app/evidence/board.ts";
import type { PreviewBoard } from "../app/preview/open.ts";
import type { SloBoard } from "../app/slo/board.ts";
import type { Runtime } from "../app/runtime.ts";
import { registerBrowserGuard, type BrowserGuardOptions } from "./browser-guard.ts";
import { registerRequestSpans } from "./request-spans.ts";
import { ROUTES } from "./route-table.ts";
import { registerChangeRoutes } from "./routes/changes.ts";
import { registerDeliveryRoutes } from "./routes/deliveries.ts";
import { registerEvidencePages } from "./routes/evidence-pages.ts";
import { registerEvidenceRoutes } from "./routes/evidence.ts";
import { statusOf } from "./routes/json-api.ts";
import { registerManagementRoutes } from "./routes/management.ts";
import { registerMetricsRoute } from "./routes/metrics.ts";
import { registerPageRoutes } from "./routes/pages.ts";
import { registerPreviewRoutes } from "./routes/preview.ts";
import { registerSloRoutes } from "./routes/slos.ts";
import { registerWebhookRoutes } from "./routes/webhooks.ts";
import { holdToRoutes } from "./serve-routes.ts";

/** What the HTTP server shows, and how. */
export interface AppOptions extends BrowserGuardOptions {
  readonly runtime: Runtime;
  readonly exposition: Exposition;
  readonly packs: readonly Pack[];
  readonly log: FastifyBaseLogger;
  /** Without it no alerts are taken, and there are no pages of them. */
  readonly alerting?: Alerting | undefined;
  /** Without it there are no pages and no gates of SLOs. */
  readonly slos?: SloBoard | undefined;
  /** Without it none is looked for, and there are no pages of it. */
  readonly evidence?: EvidenceBoard | undefined;
  /** Without it there are no pages of dashboards. */
  readonly preview?: PreviewBoard | undefined;
  /** Certificates and TLS versions; plain HTTP without. */
  readonly https?: ServerOptions | undefined;
  /** Adds hooks that see every request first, such as authentication. */
  readonly guard?: (app: FastifyInstance) => void;
}

/** For a whole request, body and all: the largest is a webhook of 16 MiB. */
const REQUEST_TIMEOUT_MS = 30_000;

/** How long whoever connects may take; Node looks each second whom it has waited for enough. */
const PATIENCE = { headersTimeout: 10_000, handshakeTimeout: 10_000, connectionsCheckingInterval: 1_000 };

/** Makes the HTTP server with all its routes; it does not listen yet. */
export function createApp(options: AppOptions): FastifyInstance {
  const { runtime, exposition, packs, log, alerting, evidence, slos, preview, https, guard } = options;
  const frame = {
    hasAlerts: alerting !== undefined,
    hasEvidence: evidence !== undefined,
    hasSlos: slos !== undefined,
    hasDashboards: preview !== undefined,
  };
  const app: FastifyInstance = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: "idle",
    requestTimeout: REQUEST_TIMEOUT_MS,
    routerOptions: { ignoreTrailingSlash: true },
    frameworkErrors: ({ statusCode = 400, message }, { url }, reply) => {
      void refuse(url, (reply as FastifyReply).code(statusCode), message);
    },
    ...(https ? { https: { ...https, ...PATIENCE } } : { http: PATIENCE }),
  });
  holdToRoutes(app, Object.values(ROUTES));
  registerBrowserGuard(app, options);
  guard?.(app);
  // behind the guard: a stranger chooses no trace
  registerRequestSpans(app);
  registerMetricsRoute(app, exposition);
  registerManagementRoutes(app, runtime, alerting);
  registerPageRoutes(app, { runtime, packs, frame });
  if (alerting !== undefined) {
    registerWebhookRoutes(app, alerting.receiver);
    registerDeliveryRoutes(app, () => alerting.source(), frame);
  }
  if (evidence !== undefined) {
    registerEvidenceRoutes(app, evidence);
    registerChangeRoutes(app, evidence);
    registerEvidencePages(app, evidence, { frame, slos });
  }
  if (slos !== undefined) registerSloRoutes(app, slos, frame);
  if (preview !== undefined) registerPreviewRoutes(app, () => preview.current(), frame);
  app.setNotFoundHandler(({ url }, reply) => refuse(url, reply.code(404), "There is nothing here; see /."));
  app.setErrorHandler((error, request, reply) => {
    const status = statusOf(error);
    if (status >= 500) request.log.error({ err: error }, "a request failed");
    const text =
      status >= 500 ? "An internal error; the log has it.\n" : `${error instanceof Error ? error.message : ""}\n`;
    return reply.code(status).type("text/plain").send(text);
  });
  return app;
}

/** What no route takes: in JSON where machines ask. */
const refuse = (url: string, reply: FastifyReply, message: string): FastifyReply =>
  url.startsWith("/api/") ? reply.send({ error: message }) : reply.type("text/plain").send(`${message}\n`);
