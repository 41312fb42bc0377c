import type { AlertSource, Watchdog } from "../../core/alerting-config.ts";
import { formatDuration, inSeconds, minutes, seconds, type Duration } from "../../core/duration.ts";
import { printMatcher } from "../../core/label-matcher.ts";
import type { Pack } from "../../core/pack.ts";
import { printYaml } from "../../lib/yaml.ts";
import { inhibitRulesSection } from "../inhibit-rules.ts";
import { neededFilesText, watchkeeperClient, type HttpClient, type WatchkeeperServer } from "./http-client.ts";

const RECEIVER = "watchkeeper";
const GROUP_BY = ["alertname", "target"];
const GROUP_WAIT = seconds(10);
const GROUP_INTERVAL = minutes(1);
const REPEAT_INTERVAL = "4h";

/** Whether an Alertmanager could send as the source: it can not sign its webhooks, as Grafana can. */
export const isAlertmanagerSource = ({ credentials }: AlertSource): boolean =>
  credentials.length === 0 || credentials.some(({ type }) => type !== "hmac");

/**
 * The whole configuration of an Alertmanager that sends everything to Watchkeeper as this source.
 * Source: https://prometheus.io/docs/alerting/latest/configuration/
 */
export function renderAlertmanagerConfig(
  source: AlertSource,
  server: WatchkeeperServer,
  packs: readonly Pack[],
): string {
  const { name, credentials, watchdog } = source;
  const client = watchkeeperClient(
    server,
    credentials.find((credential) => credential.type !== "hmac"),
  );
  return [
    head(name, client),
    ROUTE_REASONS + watchdogReason(watchdog) + printYaml({ route: route(watchdog) }),
    RECEIVER_REASONS + printYaml({ receivers: [receiver(name, server, client)] }),
    INHIBIT_REASONS + inhibitRulesSection(packs),
  ].join("\n");
}

const head = (source: string, { files }: HttpClient): string =>
  `# Written by \`watchkeeper generate alertmanager\`: Alertmanager's whole configuration, for alerting.sources "${source}".
# Paths count from the folder of this file.
${neededFilesText(files)}`;

const ROUTE_REASONS = `# The tree is small on purpose: everything goes to Watchkeeper, whose own routes (alerting.route) decide who is told
# and when.
# - group_by: Watchkeeper keeps these groups as its messages, unless a route of its own groups anew.
# - group_wait: what begins together is told together. It may be short, since what comes later edits the message.
# - group_interval: how soon a change is in the message, and how soon a notification is sent again that was not taken.
#   Watchkeeper waits for as long, and a minute, before it believes that an alert is gone of which it hears no end.
# - repeat_interval: how often people are reminded of what still fires. What no notification tells, Watchkeeper finds by
#   asking Alertmanager, if its source has \`alertmanager.urls\`.
`;

const RECEIVER_REASONS = `# send_resolved: else no message would ever end. max_alerts: 0 leaves no alert out.
`;

const INHIBIT_REASONS = `# Which alerts say nothing new while another one fires.
`;

function watchdogReason(watchdog: Watchdog | undefined): string {
  if (watchdog === undefined)
    return "# No route is for a watchdog, because the source has no `watchdog` in Watchkeeper's configuration.\n";
  const { every, misses } = watchdog;
  return `# The route below is for the watchdog, which Watchkeeper expects every ${formatDuration(every)}; ${misses} that stay away are an alert. It is
# sent at the end of a group_interval after which repeat_interval is over, which is therefore a little shorter.
`;
}

function route(watchdog: Watchdog | undefined): object {
  return {
    receiver: RECEIVER,
    group_by: GROUP_BY,
    group_wait: formatDuration(GROUP_WAIT),
    group_interval: formatDuration(GROUP_INTERVAL),
    repeat_interval: REPEAT_INTERVAL,
    ...(watchdog && { routes: [watchdogRoute(watchdog)] }),
  };
}

/**
 * Sends at least once in the watchdog's `every`. The group interval stays short: Watchkeeper waits for the longest one
 * of a receiver before it calls an alert gone.
 */
function watchdogRoute({ matchers, every }: Watchdog): object {
  const interval = Math.min(every, GROUP_INTERVAL);
  const lastEnd = Math.floor(every / interval) * interval;
  return {
    matchers: matchers.map(printMatcher),
    receiver: RECEIVER,
    group_wait: "0s",
    group_interval: formatDuration(wholeSeconds(interval)),
    repeat_interval: formatDuration(wholeSeconds(lastEnd - interval / 6)),
  };
}

const wholeSeconds = (duration: number): Duration => seconds(Math.floor(inSeconds(duration as Duration)));

const receiver = (source: string, { url }: WatchkeeperServer, { settings }: HttpClient): object => ({
  name: RECEIVER,
  webhook_configs: [
    {
      url: `${url}/api/v1/webhooks/alertmanager/${source}`,
      send_resolved: true,
      max_alerts: 0,
      ...(Object.keys(settings).length > 0 && { http_config: settings }),
    },
  ],
});
