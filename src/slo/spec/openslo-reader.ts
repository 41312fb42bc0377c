import type { Slo, SloAlerting, SloFinding, SloWindow } from "../model.ts";
import { minimumFor } from "./defaults.ts";
import type { ReadSli } from "./events.ts";
import { noteTarget, openSloAlerting, SILENT } from "./openslo-alerting.ts";
import { compositeOf, isComposite } from "./openslo-composite.ts";
import { shelve, type OpenSloObject, type OpenSloShelf, type Placed } from "./openslo-objects.ts";
import { budgetingOf, objectiveNames } from "./openslo-objectives.ts";
import type { OpenSloObjective, OpenSloSli, OpenSloSlo } from "./openslo-schema.ts";
import { noteConnection, openSloSli } from "./openslo-sli.ts";
import { openSloWindow } from "./openslo-window.ts";
import type { SloFormat } from "./reader.ts";
import { resourceId, resourceLabels } from "./resource-names.ts";

/** OpenSLO v1, v1alpha and v2alpha; `window` is that of an SLO which names none. */
export const openSloFormat = (window: SloWindow): SloFormat => ({
  name: "OpenSLO v1, v1alpha, v2alpha",
  claims: ({ apiVersion }) => typeof apiVersion === "string" && /^openslo(?:\.com)?\//.test(apiVersion),
  read(documents) {
    const { shelves, findings } = shelve(documents);
    const slos = shelves.flatMap((shelf) => shelf.all("SLO").flatMap((slo) => readSlo(slo, shelf, window)));
    for (const shelf of shelves) note(shelf);
    return { slos, findings: findings.flatMap(({ list }) => once(list)) };
  },
});

/** An object that several SLOs refer to is read for each of them. */
const once = (findings: readonly SloFinding[]): readonly SloFinding[] => [
  ...new Map(findings.map((one) => [`${one.check} ${one.path} ${one.message}`, one])).values(),
];

/** What objects have that is not used, whoever refers to them. */
function note(shelf: OpenSloShelf): void {
  for (const { value, path, findings } of shelf.all("DataSource"))
    if (value.connectionDetails !== undefined) noteConnection(findings, [...path, "connectionDetails"]);
  for (const target of shelf.all("AlertNotificationTarget")) noteTarget(target);
}

/** What all objectives of an SLO have in common. */
interface Common {
  readonly slo: OpenSloObject<OpenSloSlo>;
  readonly shelf: OpenSloShelf;
  readonly labels: Slo["labels"];
  readonly window: SloWindow;
  readonly alerting: SloAlerting;
}

/**
 * Each objective is an SLO; those of a composite are its members. Nothing is read of an SLO that asks what can not be
 * done.
 */
function readSlo(slo: OpenSloObject<OpenSloSlo>, shelf: OpenSloShelf, otherwise: SloWindow): readonly Slo[] {
  const { value: spec, findings, path, metadata } = slo;
  const key = shelf.version === "openslo/v1alpha" ? "timeWindows" : "timeWindow";
  const window = openSloWindow(spec.timeWindow?.[0], [...path, key, 0], findings, otherwise);
  const alerting = openSloAlerting(slo, shelf);
  const ofService = shelf.find("Service", spec.service)?.metadata.labels ?? {};
  const labels = resourceLabels({ ...ofService, ...metadata.labels }, ["metadata", "labels"], findings);
  const isWhole = isComposite(slo, shelf);
  const common = window && alerting && { slo, shelf, labels, window, alerting: isWhole ? SILENT : alerting };
  const names = objectiveNames(spec.objectives);
  const read = spec.objectives.map((value, i) =>
    readObjective({ value, path: [...path, "objectives", i], findings }, names[i], common, { slo, shelf }),
  );
  const members = read.filter((one) => one !== undefined);
  const composite = isWhole ? compositeOf(slo, members, alerting ?? SILENT) : undefined;
  if (findings.hasErrors || members.length < read.length || (isWhole && composite === undefined)) return [];
  return composite === undefined ? members : [composite, ...members];
}

function readObjective(
  objective: Placed<OpenSloObjective>,
  name: string | undefined,
  common: Common | undefined,
  { slo, shelf }: Pick<Common, "slo" | "shelf">,
): Slo | undefined {
  const { value: spec, metadata, findings } = slo;
  const own = name === undefined ? [metadata.name] : [metadata.name, name];
  const id = resourceId([spec.service, ...own], ["metadata", "name"], findings);
  const read = measured(objective, slo, shelf);
  const target = objective.value.target ?? objective.value.targetPercent;
  if (common === undefined || id === undefined || read === undefined || target === undefined) return undefined;
  const titles = [metadata.displayName, objective.value.displayName, spec.description];
  return {
    id,
    service: spec.service,
    name: own.join("-"),
    description: titles.filter((title) => title != null && title !== "").join(": "),
    labels: common.labels,
    objective: target,
    window: common.window,
    sli: read.sli,
    groupBy: [],
    timeslices: read.timeslices,
    minimum: minimumFor(read.countsEvents),
    alerting: common.alerting,
    source: findings.source(name === undefined ? [] : objective.path),
  };
}

/** What an objective measures and how it counts; undefined after a finding. */
function measured(
  objective: Placed<OpenSloObjective>,
  slo: OpenSloObject<OpenSloSlo>,
  shelf: OpenSloShelf,
): (ReadSli & Pick<Slo, "timeslices">) | undefined {
  const budgeting = budgetingOf(slo.value.budgetingMethod, objective);
  const indicator = indicatorOf(objective, slo, shelf);
  const read = indicator && openSloSli(indicator, { shelf, objective, byTime: budgeting?.byTime ?? false });
  return read && budgeting && { ...read, timeslices: budgeting.timeslices };
}

/** The SLI of an objective: its own, or that of the whole SLO. */
function indicatorOf(
  objective: Placed<OpenSloObjective>,
  slo: OpenSloObject<OpenSloSlo>,
  shelf: OpenSloShelf,
): Placed<OpenSloSli> | undefined {
  const { findings } = slo;
  const [key, ref] = shelf.version === "openslo.com/v2alpha" ? ["sli", "sliRef"] : ["indicator", "indicatorRef"];
  const given = [objective, slo].flatMap(({ value: { indicator, indicatorRef }, path }) => [
    ...(indicator === undefined ? [] : [{ path: [...path, key], spec: indicator.spec, from: path }]),
    ...(indicatorRef === undefined ? [] : [{ path: [...path, ref], name: indicatorRef, from: path }]),
  ]);
  const [first, second] = given;
  if (first === undefined)
    findings.error("shape", objective.path, `has nothing that it measures: give it, or the SLO, one of ${key}, ${ref}`);
  if (second !== undefined) findings.error("shape", second.path, `stands beside another ${key}: keep one`);
  if (first === undefined || second !== undefined) return undefined;
  if (first.spec === undefined) return shelf.resolve("SLI", { value: first.name, path: first.path, findings });
  if (shelf.version !== "openslo/v1alpha") return { value: first.spec, path: [...first.path, "spec"], findings };
  // there an objective has its ratioMetrics at once
  return { value: first.spec, path: first.from === slo.path ? first.path : first.from, findings };
}
