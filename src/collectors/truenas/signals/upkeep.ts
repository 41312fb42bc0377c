import { days, hours, inSeconds, type Duration } from "../../../core/duration.ts";
import {
  and,
  equal,
  greater,
  labelReplace,
  less,
  max,
  maxOverTime,
  min,
  minOverTime,
  multiply,
  or,
  select,
  subtract,
  time,
  unless,
} from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { apps, certificates, updates } from "../metrics/upkeep.ts";

const by = ["target"] as const;

/** What ended so long ago without anybody minding is not in use. */
const FORGOTTEN = -inSeconds(days(30));

const kept = subtract(max(select(certificates.notAfter), { by: ["target", "certificate", "common_name"] }), time());
const shown = subtract(min(select(certificates.shown), { by }), time());
const shownAsKept = labelReplace(
  labelReplace(shown, { from: "target", pattern: ".*", to: "certificate", replacement: "" }),
  { from: "target", pattern: ".*", to: "common_name", replacement: "" },
);

/**
 * Time left of the certificates that end within so many seconds; the one that is shown has no name and is told of when
 * no other is.
 */
export const certificatesEndingIn = (left: number) => {
  const ending = greater(less(kept, left), FORGOTTEN);
  return or(ending, unless(less(shownAsKept, left), ending, { on: by }));
};

const keys = subtract(max(select(certificates.keyExpiry), { by: ["target", "key", "username"] }), time());

/** Time left of the API keys that end within so many seconds. */
export const keysEndingIn = (left: number) => greater(less(keys, left), FORGOTTEN);

const offered = max(select(updates.info), { by: ["target", "version"] });

/** The release that is offered, where one was offered at any time in that span. */
export const updateWaitingFor = (span: Duration) =>
  multiply(
    offered,
    and(
      equal(max(minOverTime(select(updates.available).over(span)), { by }), 1),
      max(maxOverTime(select(updates.available).over(hours(12), span)), { by }),
    ),
    { on: by, groupLeft: [] },
  );

/** What can be asked of apps and of what comes with time. */
export const upkeepSignals = {
  appCrashed: signal({
    title: "Apps that crashed",
    help: "1 for an app of which a container ended by itself.",
    unit: "boolean",
    expr: max(select(apps.crashed), { by: ["target", "app"] }),
  }),
  appRunning: signal({
    title: "Apps that run",
    help: "0 for an app that is stopped, whether somebody wanted it or not.",
    unit: "boolean",
    expr: min(select(apps.running), { by: ["target", "app"] }),
  }),
  appUpgrade: signal({
    title: "Apps with a newer version",
    help: "1 for an app that can be upgraded.",
    unit: "boolean",
    expr: max(select(apps.upgradeAvailable), { by: ["target", "app"] }),
  }),
  appVersions: signal({
    title: "Apps and their versions",
    help: "And the state that the server gives each.",
    unit: "none",
    expr: max(select(apps.info), { by: ["target", "app", "version", "state"] }),
  }),
  updateOffered: signal({
    title: "Release that is offered",
    help: "The newer release that each server can be updated to.",
    unit: "none",
    expr: offered,
  }),
  updateCheckFailed: signal({
    title: "Servers that can not look for updates",
    help: "1 for a server that could not find out whether there is a newer release.",
    unit: "boolean",
    expr: max(select(updates.failed), { by }),
  }),
  certificateLeft: signal({
    title: "Time until a certificate ends",
    help: "Of those that the server keeps.",
    unit: "seconds",
    expr: kept,
  }),
  shownCertificateLeft: signal({
    title: "Time until the certificate ends that the server shows",
    help: "Browsers and clients refuse the server after that.",
    unit: "seconds",
    expr: shown,
  }),
  keyLeft: signal({
    title: "Time until an API key ends",
    help: "Nothing for a key that has no end.",
    unit: "seconds",
    expr: keys,
  }),
  keyRevoked: signal({
    title: "API keys that were revoked",
    help: "1 for a key that was used over an unencrypted connection.",
    unit: "boolean",
    expr: max(select(certificates.keyRevoked), { by: ["target", "key", "username"] }),
  }),
  updateAvailable: signal({
    title: "Releases that are offered",
    help: "1 for a server that can be updated.",
    unit: "boolean",
    expr: max(select(updates.available), { by }),
  }),
  upgradeRemoves: signal({
    title: "What an upgrade would break",
    help: "One series for each user of an API that the offered release no longer has.",
    unit: "boolean",
    expr: max(select(updates.removes), { by: ["target", "api", "used_by", "version"] }),
  }),
};
