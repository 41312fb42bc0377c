/** Who may ask a route. */
export type Authority =
  /** Who passes `server.web_config_file`; whoever reaches the server where there is none. */
  | "reader"
  /** Who has a credential of the source that the address names; a reader where that source has none. */
  | "source";

/** A route: where it is, who may ask, and what for. */
export interface RouteEntry<P extends string = string> {
  /** `HEAD` comes with `GET`. */
  readonly methods: readonly ("GET" | "POST" | "PUT")[];
  readonly path: P;
  readonly authority: Authority;
  /** Whether a link on another site may lead a browser here; nothing else on another site may ask anything. */
  readonly isLinked: boolean;
  readonly purpose: string;
}

/** Routes that are served together, by a short name of each. */
export type RouteGroup = Readonly<Record<string, RouteEntry>>;

type Entry<P extends string, A extends Authority> = RouteEntry<P> & { readonly authority: A };

const read = <P extends string>(path: P, purpose: string): Entry<P, "reader"> => ({
  methods: ["GET"],
  path,
  authority: "reader",
  isLinked: true,
  purpose,
});

/** What does work, or leaves something behind, and is asked by programs or by a form of a page here. */
const act = <P extends string>(methods: RouteEntry["methods"], path: P, purpose: string): Entry<P, "reader"> => ({
  methods,
  path,
  authority: "reader",
  isLinked: false,
  purpose,
});

const webhook = <P extends string>(path: P, purpose: string): Entry<P, "source"> => ({
  methods: ["POST", "PUT"],
  path,
  authority: "source",
  isLinked: false,
  purpose,
});

/**
 * Every route of the service, from which its router is built: {@link serveRoutes} takes handlers for nothing else, and
 * the password check, the check of browsers and the table of `docs/security.md` read who may ask.
 */
export const ROUTES = {
  metrics: {
    metrics: read("/metrics", "all series, for Prometheus"),
  },
  management: {
    healthy: read("/-/healthy", "whether the process answers"),
    ready: read("/-/ready", "whether each part was polled and the store can be written"),
    reload: act(["POST", "PUT"], "/-/reload", "reads the configuration again"),
  },
  pages: {
    targets: read("/", "page: targets and their parts"),
    runbooks: read("/runbooks", "page: the list of runbooks"),
    runbook: read("/runbooks/:alert", "page: what an alert means"),
  },
  webhooks: {
    alertmanager: webhook("/api/v1/webhooks/alertmanager/:source", "takes a notification of Alertmanager"),
    grafana: webhook("/api/v1/webhooks/grafana/:source", "takes a notification of Grafana"),
  },
  deliveries: {
    overview: read("/alerts", "page: alerts and their deliveries"),
    delivery: read("/alerts/:id", "page: one delivery"),
    conversations: read("/api/v1/conversations", "deliveries"),
    conversation: read("/api/v1/conversations/:id", "one delivery"),
  },
  evidence: {
    correlate: act(["GET"], "/api/v1/correlate", "searches, and keeps the evidence"),
    bundles: read("/api/v1/evidence", "evidence that was made"),
    bundle: read("/api/v1/evidence/:id", "one piece of evidence"),
    rerun: act(["POST"], "/api/v1/evidence/:id/rerun", "searches again, and keeps that too"),
    trace: read("/api/v1/traces/:id", "a trace with its log lines"),
    log: read("/api/v1/logs/*", "a log line with its trace"),
  },
  changes: {
    list: read("/api/v1/changes", "changes that were told"),
    tell: act(["POST"], "/api/v1/changes", "keeps a change, such as a deployment"),
    change: read("/api/v1/changes/:id", "one change"),
  },
  evidencePages: {
    list: read("/evidence", "page: evidence that was made"),
    incident: read("/evidence/:id", "page: one piece of evidence"),
    noIncident: read("/evidence/*", "page: there is no such evidence"),
    correlate: read("/correlate", "searches, keeps the evidence, and leads to its page"),
    traces: read("/traces", "page: a form for the id of a trace"),
    trace: read("/traces/:id", "page: a trace with its log lines"),
    noTrace: read("/traces/*", "page: there is no such trace"),
    logs: read("/logs", "page: a form for the id of a log line"),
    log: read("/logs/*", "page: a log line with its trace"),
  },
  slos: {
    overview: read("/slos", "page: objectives and their budgets"),
    objective: read("/slos/:id", "page: one objective"),
    all: read("/api/v1/slos", "objectives and their budgets"),
    one: read("/api/v1/slos/:id", "one objective"),
  },
  gate: {
    gate: act(["GET", "POST"], "/api/v1/slos/:id/gate", "whether a change may be made; a line of `slo.audit_log`"),
  },
  dashboards: {
    overview: read("/dashboards", "page: the list of dashboards"),
    dashboard: read("/dashboards/:uid", "page: one dashboard"),
    list: read("/api/v1/dashboards", "the list of dashboards"),
    one: read("/api/v1/dashboards/:uid", "one dashboard"),
    panel: read("/api/v1/dashboards/:uid/panels/:id", "what a panel shows, asked of Prometheus"),
    variable: read("/api/v1/dashboards/:uid/variables/:id", "what a variable may be, asked of Prometheus"),
    asset: read("/assets/:name", "scripts and styles of the dashboards"),
  },
} as const satisfies Readonly<Record<string, RouteGroup>>;

/** What `watchkeeper preview` serves besides the dashboards. */
export const PREVIEW_ROUTES = {
  home: read("/", "leads to the dashboards"),
} as const satisfies RouteGroup;
