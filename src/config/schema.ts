import { isIP } from "node:net";
import { z } from "zod";
import type { Alert } from "../core/alert.ts";
import { fileField, urlField } from "../core/config-fields.ts";
import { DEFAULT_LISTEN } from "../core/default-address.ts";
import type { NotifierKind } from "../core/notifier.ts";
import type { Collector, Pack, Target } from "../core/pack.ts";
import { LOG_FORMATS } from "../lib/log/formats.ts";
import { alertingSchema } from "./alerting/alerting-schema.ts";
import { evidenceSchema } from "./evidence-schema.ts";
import { grafanaSchema } from "./grafana-schema.ts";
import { openSources } from "./loopback.ts";
import { prometheusSchema } from "./prometheus-schema.ts";
import { rulesSchema } from "./rules-schema.ts";
import { sloSchema, uncountedSlos } from "./slo-schema.ts";
import { storeSchema } from "./store-schema.ts";
import { tracingSchema } from "./tracing-schema.ts";

/** The kinds of systems, of alerts and of destinations that a configuration may name. */
export interface Kinds {
  readonly collectors: readonly Collector[];
  readonly alerts: readonly Alert<string>[];
  readonly notifiers: readonly NotifierKind[];
}

/** What a configuration may name when these are the packs and notifiers. */
export const kindsOf = (packs: readonly Pack[], notifiers: readonly NotifierKind[]): Kinds => ({
  collectors: packs.flatMap(({ collector }) => collector ?? []),
  alerts: packs.flatMap(({ alerts }) => alerts),
  notifiers,
});

/** Where the HTTP server listens. Without `host` it is every address of the machine. */
interface ListenAddress {
  readonly host?: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

const LISTEN_PATTERN = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]*)):(\d{1,5})$/;
const LISTEN_HELP = 'write "host:port", ":port" or "[IPv6 address]:port"';

const listenField = () =>
  z
    .string(LISTEN_HELP)
    .regex(LISTEN_PATTERN, LISTEN_HELP)
    .transform((text, context): ListenAddress => {
      const [, ip6, name, digits] = LISTEN_PATTERN.exec(text) ?? [];
      const port = Number(digits);
      if (port > 65_535) context.addIssue({ code: "custom", message: "the port must be at most 65535" });
      if (ip6 !== undefined && isIP(ip6) !== 6) context.addIssue({ code: "custom", message: LISTEN_HELP });
      const host = ip6 ?? name ?? "";
      return host === "" ? { port } : { host, port };
    });

const LOCAL_HOSTS = new Set(["0.0.0.0", "::", "127.0.0.1", "::1", "localhost"]);

/** The URL that is right for a person on the same machine, or on the network when one address was chosen. */
function defaultExternalUrl({ host, port }: ListenAddress): string {
  if (host === undefined || LOCAL_HOSTS.has(host)) return `http://localhost:${port}`;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

const serverSchema = z
  .strictObject({
    listen: listenField()
      .prefault(DEFAULT_LISTEN)
      .describe("Address of the HTTP server: `host:port`, `[IPv6]:port`, or `:port` for every address of the machine."),
    external_url: urlField()
      .optional()
      .describe("URL under which people reach the server, for links in alerts; by default made from `listen`."),
    web_config_file: fileField()
      .optional()
      .describe("File with TLS and basic authentication of the server, in the format of Prometheus' exporter-toolkit."),
  })
  .transform(({ external_url, ...server }) => ({
    ...server,
    external_url: external_url ?? defaultExternalUrl(server.listen),
    // a command that serves nothing knows only from the file where the pages are
    ...(external_url !== undefined && { is_external_url_given: true }),
  }));

const logSchema = z.strictObject({
  level: z
    .enum(["trace", "debug", "info", "warn", "error", "fatal"])
    .default("info")
    .describe("The least severity that is logged."),
  format: z
    .enum(LOG_FORMATS)
    .default("json")
    .describe("One JSON object a line, the same with the names of Elastic's ECS, or lines for people."),
});

const SAME_NAME = "is the name of an earlier target of this list: names must differ";

/** The list of one collector's targets, whose names differ. */
function targetList(collector: Collector) {
  return z
    .array(collector.target)
    .superRefine(
      (targets: readonly unknown[], context) => {
        const names = new Set<string>();
        for (const [i, target] of targets.entries()) {
          const name: unknown = typeof target === "object" && target !== null ? Reflect.get(target, "name") : undefined;
          if (typeof name !== "string") continue;
          if (names.has(name)) context.addIssue({ code: "custom", path: [i, "name"], message: SAME_NAME });
          names.add(name);
        }
      },
      // a fault in one target does not hide that two have the same name
      { when: ({ value }) => Array.isArray(value) },
    )
    .describe(collector.title);
}

function targetsSchema(collectors: readonly Collector[]) {
  const lists = Object.fromEntries(collectors.map((collector) => [collector.id, targetList(collector).optional()]));
  return z
    .strictObject(lists)
    .transform((found): readonly Target[] => Object.values(found).flatMap((targets) => targets ?? []));
}

/** The schema of the whole configuration: types, defaults, bounds and help of every key. */
export function configSchema({ collectors, alerts, notifiers }: Kinds) {
  return z
    .strictObject({
      server: serverSchema.prefault({}).describe("The HTTP server of Watchkeeper itself."),
      log: logSchema.prefault({}).describe("The log, on standard error."),
      targets: targetsSchema(collectors).prefault({}).describe("What is watched: one list for each kind of system."),
      rules: rulesSchema(alerts)
        .optional()
        .describe(
          "What is to differ from the alerts as they are shipped, by the alert's name; `watchkeeper generate rules --config` writes it.",
        ),
      alerting: alertingSchema(notifiers)
        .optional()
        .describe("Alerts that are taken in, and where they are told. Without this section none is taken."),
      prometheus: prometheusSchema
        .optional()
        .describe("Where what was measured is read back; needed by the section `slo`."),
      slo: sloSchema
        .optional()
        .describe("Service level objectives: what is read of them, and the policy of their gates. None without it."),
      evidence: evidenceSchema
        .optional()
        .describe("Where the logs and traces are that belong to an alert, and what is made of them. None without it."),
      grafana: grafanaSchema
        .optional()
        .describe("The Grafana that `watchkeeper grafana push` writes dashboards into. None without it."),
      store: storeSchema
        .prefault({})
        .describe("Where alerts and deliveries are kept; used only when there is a section `alerting`."),
      tracing: tracingSchema.optional().describe("Traces of Watchkeeper's own work, from a webhook to its delivery."),
    })
    .superRefine(
      (settings: unknown, context) => {
        for (const { path, message } of [...openSources(settings), ...uncountedSlos(settings)])
          context.addIssue({ code: "custom", path: [...path], message });
      },
      // a fault elsewhere does not hide these
      { when: () => true },
    );
}

/** The parsed settings; keys are those of the file. */
type Settings = z.output<ReturnType<typeof configSchema>>;

/** A configuration that can be used. */
export interface Config extends Settings {
  /** The file it was read from, as it was named. */
  readonly file: string;
  /** The settings as one would write them, defaults filled in, secrets replaced by `<redacted>`; for printing. */
  readonly effective: unknown;
}
