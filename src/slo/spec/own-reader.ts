import { shapeReader } from "../../lib/documents/shape-reader.ts";
import { valueAt } from "../../lib/documents/values.ts";
import type { YamlPath } from "../../lib/yaml-places.ts";
import type { Slo, SloReading, SloWindow } from "../model.ts";
import { minimumFor, WINDOW } from "./defaults.ts";
import { Findings } from "./findings.ts";
import { ownAlerting } from "./own-alerting.ts";
import { headSchema, OWN_VERSION, sloSchema, type OwnDefaults, type OwnHead, type OwnSlo } from "./own-schema.ts";
import { ownSli } from "./own-sli.ts";
import { eachAlone, type At, type SloFormat } from "./reader.ts";

const readHead = shapeReader(headSchema);
const readSlo = shapeReader(sloSchema);

/** Reads a document of our own format; an SLO with a fault does not keep the others from being read. */
function readOwn(document: unknown, at: At, file: string): SloReading {
  const findings = new Findings(at, file, "watchkeeper");
  const head = readHead(document, []);
  if ("faults" in head) findings.shape(head.faults);
  const all = listAt(document, "slos");
  const written = all.map((value, i) => {
    const slo = readSlo(value, ["slos", i]);
    if ("faults" in slo) findings.shape(slo.faults);
    return "faults" in slo ? undefined : slo.data;
  });
  const claimed = all.map((value) => claimedId(valueAt(document, ["service"]), value));
  if ("faults" in head) return { slos: [], findings: findings.list, unread: claimed };
  const areLabelsFine = headLabels(head.data, findings);
  const ids = new Map(written.map((slo) => [slo?.name ?? "", slo === undefined ? "" : idOf(head.data, slo)]));
  const slos = written.map((slo, i) => slo && ownSlo(head.data, slo, { findings, path: ["slos", i], ids }));
  const read = areLabelsFine ? slos.filter((slo) => slo !== undefined) : [];
  const known = new Set(read.map(({ id }) => id));
  return { slos: read, findings: findings.list, unread: claimed.filter((id) => !known.has(id)) };
}

/** The id that an SLO of whatever shape seems to have. */
function claimedId(service: unknown, written: unknown): string {
  const id = valueAt(written, ["id"]);
  return typeof id === "string" ? id : `${String(service)}-${String(valueAt(written, ["name"]))}`;
}

/** Whether the labels that every SLO of the file gets are none of the rules' own. */
function headLabels({ labels, defaults }: OwnHead, findings: Findings): boolean {
  const { alerts } = defaults ?? {};
  const path = ["defaults", "alerts"];
  const written = [
    [labels, ["labels"]],
    [alerts?.labels, [...path, "labels"]],
    [alerts?.page?.labels, [...path, "page", "labels"]],
    [alerts?.ticket?.labels, [...path, "ticket", "labels"]],
  ] as const;
  return written.map(([each, at]) => findings.owners(each, at)).every(Boolean);
}

function listAt(document: unknown, key: string): readonly unknown[] {
  const list = valueAt(document, [key]);
  return Array.isArray(list) ? list : [];
}

/** The format of our own: `version: watchkeeper/v1`. */
export const ownFormat: SloFormat = {
  name: OWN_VERSION,
  claims: ({ version }) => typeof version === "string" && version.startsWith("watchkeeper/"),
  read: eachAlone(readOwn),
};

interface SloContext {
  readonly findings: Findings;
  readonly path: YamlPath;
  /** Ids by the names of the file's SLOs. */
  readonly ids: ReadonlyMap<string, string>;
}

const MOST_ID = 128;
const idOf = ({ service }: OwnHead, { id, name }: OwnSlo): string => id ?? `${service}-${name}`;

function ownSlo(head: OwnHead, written: OwnSlo, { findings, path, ids }: SloContext): Slo | undefined {
  const { defaults = {} } = head;
  const id = idOf(head, written);
  if (id.length > MOST_ID) {
    findings.error("shape", [...path, "name"], `makes the id longer than ${MOST_ID} characters: give it an \`id\``);
    return undefined;
  }
  const groupBy = written.group_by ?? (written.sli.composite === undefined ? (defaults.group_by ?? []) : []);
  const hasMinimum = written.minimum?.failures !== undefined;
  const context = {
    findings,
    path: [...path, "sli"],
    groupBy,
    hasMinimum,
    idOf: (name: string) => ids.get(name) ?? name,
  };
  const read = ownSli(written.sli, context);
  if (read === undefined) return undefined;
  if (read.sli.kind !== "events" && written.minimum !== undefined) {
    findings.error(
      "unsupported",
      [...path, "minimum"],
      `counts events, which a ${read.sli.kind} knows none of: take it out`,
    );
    return undefined;
  }
  if (read.sli.kind === "composite" && written.timeslices !== undefined) {
    findings.error(
      "unsupported",
      [...path, "timeslices"],
      "is of what is measured, which a composite leaves to its members: give it to them, or take the method timeslices",
    );
    return undefined;
  }
  const window = windowOf(written.window ?? defaults.window);
  return {
    id,
    service: head.service,
    name: written.name,
    description: written.description ?? "",
    labels: { ...head.labels, ...written.labels },
    objective: written.objective,
    window,
    sli: read.sli,
    groupBy,
    timeslices: written.timeslices,
    minimum: minimumOf(defaults, written, read.countsEvents),
    alerting: ownAlerting(defaults.alerts, written.alerts, window),
    source: findings.source(path),
  };
}

function windowOf(written: OwnSlo["window"]): SloWindow {
  if (written === undefined) return WINDOW;
  if (typeof written === "number") return { kind: "rolling", length: written };
  return { kind: "calendar", unit: written.calendar, timeZone: written.time_zone ?? "UTC" };
}

/** What an SLO asks for itself holds; the file's defaults hold where events are counted. */
function minimumOf(defaults: OwnDefaults, { minimum }: OwnSlo, countsEvents: boolean): Slo["minimum"] {
  const otherwise = minimumFor(countsEvents);
  const shared = countsEvents ? defaults.minimum : undefined;
  return {
    events: minimum?.events ?? shared?.events ?? otherwise.events,
    failures: minimum?.failures ?? shared?.failures ?? otherwise.failures,
  };
}
