import { z } from "zod";
import { shapeReader } from "../../lib/documents/shape-reader.ts";
import { valueAt } from "../../lib/documents/values.ts";
import type { YamlPath } from "../../lib/yaml-places.ts";
import { labelsOf } from "../checks/query-labels.ts";
import type { Sli, Slo, SloAlert, SloReading, SloSource, SloWindow } from "../model.ts";
import { readQuery } from "../promql/read-query.ts";
import { ALERT_NAME, minimumFor, noDataFor } from "./defaults.ts";
import { eventsOf, type ReadSli } from "./events.ts";
import { Findings } from "./findings.ts";
import { eachAlone, type At, type SloFormat, type SloReader } from "./reader.ts";
import {
  CAMEL_KEYS,
  slothSchemas,
  SNAKE_KEYS,
  type SlothHead,
  type SlothKeys,
  type SlothPlugins,
  type SlothSlo,
} from "./sloth-schema.ts";

const VERSION = "prometheus/v1";
const API_VERSION = "sloth.slok.dev/v1";

/** Both formats of sloth. Their window is no part of a specification: sloth has it as a flag, 30 days by default. */
export function slothFormats(window: SloWindow): readonly SloFormat[] {
  return [
    {
      name: `sloth ${VERSION}`,
      claims: ({ version }) => typeof version === "string" && version.startsWith("prometheus/"),
      read: eachAlone(slothReader(window, "sloth", SNAKE_KEYS, { version: z.literal(VERSION) }, [])),
    },
    {
      name: `sloth ${API_VERSION}`,
      claims: ({ apiVersion }) => typeof apiVersion === "string" && apiVersion.startsWith("sloth.slok.dev/"),
      read: eachAlone(resourceReader(window)),
    },
  ];
}

/** What is around the specification of a resource; its status is the operator's own. */
const resource = z.strictObject({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal("PrometheusServiceLevel"),
  metadata: z.unknown().optional(),
  status: z.unknown().optional(),
  spec: z.record(z.string(), z.unknown()),
});

const ALERT_WINDOWS =
  "is sloth's catalogue of windows, which is for all SLOs at once: write its rows as `alerts.tiers` in our own format, of a" +
  " file's `defaults` or of an SLO; without them the tiers fit the window of each";

function resourceReader(window: SloWindow): SloReader {
  const readResource = shapeReader(resource);
  const read = slothReader(window, "sloth-crd", CAMEL_KEYS, {}, ["spec"]);
  return (document, at, file) => {
    const around = readResource(document, []);
    if ("data" in around) return read(around.data.spec, at, file);
    const findings = new Findings(at, file, "sloth-crd");
    if (valueAt(document, ["kind"]) === "AlertWindows") findings.error("unsupported", ["kind"], ALERT_WINDOWS);
    else findings.shape(around.faults);
    return { slos: [], findings: findings.list };
  };
}

function slothReader(
  window: SloWindow,
  format: SloSource["format"],
  keys: SlothKeys,
  around: z.ZodRawShape,
  base: YamlPath,
): SloReader {
  const schemas = slothSchemas(keys, around);
  const [readHead, readSlo] = [shapeReader(schemas.head), shapeReader(schemas.slo)];
  return (document: unknown, at: At, file: string): SloReading => {
    const findings = new Findings(at, file, format);
    const head = readHead(document, base);
    if ("faults" in head) {
      findings.shape(head.faults);
      slosOf(document).forEach((value, i) => {
        const slo = readSlo(value, [...base, "slos", i]);
        if ("faults" in slo) findings.shape(slo.faults);
      });
      return { slos: [], findings: findings.list };
    }
    const arePluginsFine = plugins(head.data.slo_plugins, [...base, keys.slo_plugins], findings);
    const areAllFine = findings.owners(head.data.labels, [...base, "labels"]) && arePluginsFine;
    const slos = head.data.slos.map((value, i) => {
      const path = [...base, "slos", i];
      const slo = readSlo(value, path);
      if ("data" in slo) return slothSlo(head.data, slo.data, { findings, path, keys, window });
      findings.shape(slo.faults);
      return undefined;
    });
    return { slos: areAllFine ? slos.filter((slo) => slo !== undefined) : [], findings: findings.list };
  };
}

function slosOf(document: unknown): readonly unknown[] {
  const list = valueAt(document, ["slos"]);
  return Array.isArray(list) ? list : [];
}

interface SloContext {
  readonly findings: Findings;
  readonly path: YamlPath;
  readonly keys: SlothKeys;
  readonly window: SloWindow;
}

function slothSlo(head: SlothHead, written: SlothSlo, context: SloContext): Slo | undefined {
  const { findings, path, window } = context;
  const arePluginsFine = plugins(written.plugins, [...path, "plugins"], findings);
  const read = sliOf(written.sli, context);
  if (read === undefined || !arePluginsFine) return undefined;
  const { name, labels, annotations, page_alert, ticket_alert } = written.alerting ?? {};
  const alert = (own: SlothAlert): SloAlert => ({
    enabled: own?.disable !== true,
    labels: { ...labels, ...own?.labels },
    annotations: { ...annotations, ...own?.annotations },
  });
  const [page, ticket] = [alert(page_alert), alert(ticket_alert)];
  return {
    id: `${head.service}-${written.name}`,
    service: head.service,
    name: written.name,
    description: written.description ?? "",
    labels: { ...head.labels, ...written.labels },
    objective: written.objective,
    window,
    sli: read.sli,
    groupBy: groupsOf(read.sli),
    timeslices: undefined,
    minimum: minimumFor(read.countsEvents),
    alerting: {
      name: name ?? ALERT_NAME,
      page,
      ticket,
      noData: noDataFor(page, ticket),
      budgetLeft: [],
      tiers: undefined,
    },
    source: findings.source(path),
  };
}

/**
 * sloth has no word for groups: a query that keeps labels by `by (...)` gives each of their values a budget of its own.
 */
function groupsOf(sli: Sli): readonly string[] {
  if (sli.kind === "composite") return [];
  const tree = readQuery((sli.kind === "events" ? sli.total : sli.errorRatio).at("5m"));
  const labels = tree === undefined ? "any" : labelsOf(tree);
  return labels === "any" ? [] : [...labels].toSorted();
}

type SlothAlert = NonNullable<SlothSlo["alerting"]>["page_alert"];

function sliOf({ events, raw, plugin }: SlothSlo["sli"], { findings, path, keys }: SloContext): ReadSli | undefined {
  const at = (...below: readonly string[]): YamlPath => [...path, "sli", ...below];
  if (events !== undefined)
    return eventsOf(
      findings,
      { text: events.total_query, path: at("events", keys.total_query) },
      { text: events.error_query, path: at("events", keys.error_query) },
    );
  if (raw !== undefined) {
    const read = findings.promql(raw.error_ratio_query, at("raw", keys.error_ratio_query));
    return read && { sli: { kind: "ratio", errorRatio: read.promql }, countsEvents: false };
  }
  const message = `asks for the plugin ${plugin?.id}, which only sloth can run: write the query that it makes as events or raw`;
  findings.error("unsupported", at("plugin"), message);
  return undefined;
}

/** What these do is done here anyway: check, record, alert, or count events rather than ratios. */
const NEEDLESS_PLUGINS = new Set([
  "sloth.dev/core/debug/v1",
  "sloth.dev/core/noop/v1",
  "sloth.dev/core/validate/v1",
  "sloth.dev/core/sli_rules/v1",
  "sloth.dev/core/metadata_rules/v1",
  "sloth.dev/core/alert_rules/v1",
  "sloth.dev/contrib/denominator_corrected_rules/v1",
]);

const IN_PLACE: Readonly<Record<string, string>> = {
  "sloth.dev/contrib/error_budget_exhausted_alert/v1": "write the SLO in our own format, with `alerts.budget_left`",
  "sloth.dev/contrib/alert_for/v1": "write the SLO in our own format, with `alerts.tiers`",
  "sloth.dev/contrib/info_labels/v1": "write them as labels of the SLO",
};

/** Whether everything that plugins are asked for happens. */
function plugins(written: SlothPlugins | null | undefined, path: YamlPath, findings: Findings): boolean {
  let isFine = true;
  const refuse = (at: YamlPath, message: string): void => {
    findings.error("unsupported", at, message);
    isFine = false;
  };
  if (written?.overridePrevious === true)
    refuse([...path, "overridePrevious"], "takes rules away, which is not possible here: take it out");
  written?.chain?.forEach(({ id }, i) => {
    if (NEEDLESS_PLUGINS.has(id)) return;
    const instead = IN_PLACE[id] ?? "take it out, and say in our own format what it was for";
    refuse([...path, "chain", i], `asks for the plugin ${id}, which only sloth can run: ${instead}`);
  });
  return isFine;
}
