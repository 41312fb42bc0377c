import { panel, type Dashboard, type PanelRow } from "../../core/dashboard.ts";
import { detailRows } from "./dashboards/details.ts";
import { certificates } from "./metrics.ts";
import { checkSignals } from "./signals/checks.ts";
import { endpointSignals as endpoints } from "./signals/endpoints.ts";
import { leafSignals as leaves } from "./signals/leaves.ts";
import { summarySignals as summary } from "./signals/summary.ts";

const WITHOUT_ENDPOINTS = "no endpoints are configured";
const HALF = { width: 12 };
const ofLeaf = "{{target}} {{location}} {{subject_CN}}";

const wellRow: PanelRow = {
  title: "Is anything about to end?",
  panels: [
    panel("stat", summary.ended),
    panel("stat", summary.endingNow),
    panel("stat", summary.endingSoon),
    panel("stat", summary.overdue),
    panel("stat", summary.endpointsDown, { emptyWhen: WITHOUT_ENDPOINTS }),
    panel("stat", summary.untrusted, { emptyWhen: WITHOUT_ENDPOINTS }),
  ],
};

const leavesRow: PanelRow = {
  title: "Leaves: when does each end?",
  panels: [
    panel("table", leaves.leafShare, {
      title: "Leaves by the share of their lifetime that is left",
      and: [leaves.leafLeft, leaves.leafEnds, leaves.leafRenewal],
      height: 12,
    }),
    panel("timeseries", summary.withinDay, {
      ...HALF,
      title: "How many leaves end soon, by the calendar",
      help: "Leaves that end within a day, a week, 30 and 90 days; short-lived ones are always among them.",
      and: [summary.withinWeek, summary.withinMonth, summary.withinQuarter],
    }),
    panel("timeseries", leaves.leafOverdue, { ...HALF, legend: ofLeaf, emptyWhen: "every renewal came in time" }),
    panel("timeseries", leaves.leafEndingSoon, { width: 8, legend: ofLeaf, emptyWhen: "no leaf ends soon" }),
    panel("timeseries", leaves.leafEndingNow, { width: 8, legend: ofLeaf, emptyWhen: "no leaf is about to end" }),
    panel("timeseries", leaves.leafSinceEnd, { width: 8, legend: ofLeaf, emptyWhen: "no leaf has ended" }),
  ],
};

const ofEndpoint = "{{target}} {{endpoint}} {{reason}}";

const endpointsRow: PanelRow = {
  title: "Endpoints: what do they serve?",
  panels: [
    panel("table", endpoints.reachable, {
      title: "Checks of each endpoint",
      help: "No where a check fails; nothing where it could not be made. What fails and why is below.",
      and: [
        endpoints.hostnamePasses,
        endpoints.trustPasses,
        endpoints.validityPasses,
        endpoints.chainPasses,
        endpoints.keyPasses,
        endpoints.protocolPasses,
        endpoints.cipherPasses,
        endpoints.revocationPasses,
        endpoints.newestPasses,
      ],
      height: 10,
      emptyWhen: WITHOUT_ENDPOINTS,
    }),
    panel("state-timeline", endpoints.failing, {
      legend: "{{endpoint}} {{check}}: {{reason}}",
      height: 10,
      emptyWhen: "every check passes",
    }),
    panel("state-timeline", endpoints.unreachable, {
      ...HALF,
      legend: ofEndpoint,
      emptyWhen: "every endpoint answers",
    }),
    panel("timeseries", endpoints.chainLeft, { height: 7, emptyWhen: "no chain leads to a trusted authority" }),
  ],
};

const tlsRow: PanelRow = {
  title: "TLS: versions and ciphers in use",
  panels: [
    panel("bargauge", endpoints.versions, { emptyWhen: WITHOUT_ENDPOINTS }),
    panel("bargauge", endpoints.ciphers, { emptyWhen: WITHOUT_ENDPOINTS }),
    panel("timeseries", endpoints.duration, { width: 8, emptyWhen: WITHOUT_ENDPOINTS }),
  ],
};

const checksRow: PanelRow = {
  title: "Each check by itself",
  collapsed: true,
  panels: [
    ...[endpoints.trust, endpoints.hostname, endpoints.validity, endpoints.chainComplete, endpoints.chainOrder].map(
      (of) => panel("state-timeline", of, { ...HALF, legend: ofEndpoint, emptyWhen: WITHOUT_ENDPOINTS }),
    ),
    ...[endpoints.protocol, endpoints.cipher].map((of) =>
      panel("state-timeline", of, { ...HALF, legend: ofEndpoint, emptyWhen: WITHOUT_ENDPOINTS }),
    ),
    panel("state-timeline", endpoints.servedIsStored, {
      ...HALF,
      legend: ofEndpoint,
      emptyWhen: "nothing that is stored has the names of an endpoint",
    }),
    panel("state-timeline", endpoints.revocationList, {
      ...HALF,
      legend: ofEndpoint,
      emptyWhen: "no certificate names a revocation list that can be read",
    }),
    panel("state-timeline", endpoints.stapled, {
      ...HALF,
      legend: ofEndpoint,
      emptyWhen: "no endpoint staples an OCSP answer",
    }),
    ...[checkSignals.key, checkSignals.signature, checkSignals.issuerOutlives, checkSignals.issuerCurrent].map((of) =>
      panel("state-timeline", of, {
        ...HALF,
        legend: "{{target}} {{location}} {{subject_CN}} {{reason}}",
        emptyWhen: "it could not be judged anywhere",
      }),
    ),
    panel("timeseries", leaves.leafUntilBegin, { legend: ofLeaf }),
  ],
};

/** Certificates wherever they are; the choice of a group of places narrows all but nothing else is needed. */
export const certificateDashboards: readonly Dashboard[] = [
  {
    id: "certificates",
    title: "Certificates",
    description:
      "Which certificate ends next by its own lifetime, which renewal is overdue, and what do endpoints serve that clients refuse?",
    variables: [{ name: "target", title: "Group of places", metric: certificates.notAfter }],
    rows: [wellRow, leavesRow, endpointsRow, tlsRow, checksRow, ...detailRows],
    summary: [summary.ended, summary.endingNow, summary.overdue, summary.endpointsDown, summary.untrusted],
  },
];
