import { panel, type PanelRow } from "../../../core/dashboard.ts";
import { authoritySignals as authorities } from "../signals/authorities.ts";
import { leafSignals } from "../signals/leaves.ts";
import { listSignals as lists } from "../signals/lists.ts";
import { managedSignals as managed } from "../signals/managed.ts";
import { sourceSignals as sources } from "../signals/sources.ts";
import { summarySignals } from "../signals/summary.ts";

const THIRD = { width: 8 };
const ofAuthority = "{{target}} {{subject_CN}} {{subject_O}} {{serial_number}}";
const WITHOUT_AUTHORITIES = "no certificate of an authority was found";

const authoritiesRow: PanelRow = {
  title: "Authorities: what everything depends on",
  panels: [
    panel("table", authorities.authorityShare, {
      title: "Authorities by the share of their lifetime that is left",
      and: [authorities.authorityLeft, authorities.authorityEnds, authorities.authorityPlaces],
      height: 10,
      emptyWhen: WITHOUT_AUTHORITIES,
    }),
    panel("timeseries", authorities.authorityEndingSoon, {
      ...THIRD,
      legend: ofAuthority,
      emptyWhen: "no authority ends soon",
    }),
    panel("timeseries", authorities.authorityEndingNow, {
      ...THIRD,
      legend: ofAuthority,
      emptyWhen: "no authority in use is about to end",
    }),
    panel("timeseries", authorities.authoritySinceEnd, {
      ...THIRD,
      legend: ofAuthority,
      emptyWhen: "no authority in use has ended",
    }),
  ],
};

const WITHOUT_LISTS = "no source holds a revocation list";
const ofList = "{{target}} {{location}} {{issuer_CN}}";

const listsRow: PanelRow = {
  title: "Revocation lists",
  collapsed: true,
  panels: [
    panel("table", lists.listLeft, {
      title: "Lists by when the next one is due",
      and: [lists.listShare, lists.listDue, lists.listRevoked],
      emptyWhen: WITHOUT_LISTS,
    }),
    panel("timeseries", lists.listEndingSoon, { legend: ofList, emptyWhen: "every list is renewed in time" }),
    panel("timeseries", lists.listOverdue, { legend: ofList, emptyWhen: "no list is overdue" }),
  ],
};

const WITHOUT_SOURCES = "only endpoints are looked at";

const sourcesRow: PanelRow = {
  title: "Sources of stored certificates",
  collapsed: true,
  panels: [
    panel("state-timeline", sources.sourceUp, { emptyWhen: WITHOUT_SOURCES }),
    panel("timeseries", sources.sourceBundles, { ...THIRD, emptyWhen: WITHOUT_SOURCES }),
    panel("timeseries", sources.sourceErrors, { ...THIRD, emptyWhen: "all could be read" }),
    panel("timeseries", leafSignals.leafAge, THIRD),
    panel("stat", summarySignals.found),
  ],
};

const WITHOUT_MANAGER = "no cluster with cert-manager is read";

const managedRow: PanelRow = {
  title: "cert-manager",
  collapsed: true,
  panels: [
    panel("state-timeline", managed.managedReady, {
      legend: "{{target}} {{namespace}}/{{name}}",
      emptyWhen: WITHOUT_MANAGER,
    }),
    panel("table", managed.managedExpiry, {
      title: "When each Certificate ends and is renewed",
      and: [managed.managedRenewal],
      emptyWhen: WITHOUT_MANAGER,
    }),
    panel("timeseries", managed.managedFailures, {
      legend: "{{target}} {{namespace}}/{{name}}",
      emptyWhen: WITHOUT_MANAGER,
    }),
    panel("timeseries", managed.managedMissed, {
      legend: "{{target}} {{namespace}}/{{name}}",
      emptyWhen: "cert-manager renewed all in time",
    }),
  ],
};

/** Authorities, and what is looked at when the rows above do not say it all. */
export const detailRows: readonly PanelRow[] = [authoritiesRow, listsRow, sourcesRow, managedRow];
