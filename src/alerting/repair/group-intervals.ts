import { minutes, parseDuration, type Duration } from "../../core/duration.ts";
import { parseYaml } from "../../lib/yaml.ts";

/** Source: https://prometheus.io/docs/alerting/latest/configuration/#route */
const DEFAULT_GROUP_INTERVAL = minutes(5);

/**
 * How long an Alertmanager takes between two notifications of one group, by receiver: the longest `group_interval` of
 * the routes that lead there. Read from the configuration that it shows of itself; the default where that tells
 * nothing.
 */
export function groupIntervals(configuration: string): (receiver: string) => Duration {
  const found = new Map<string, Duration>();
  const { value } = parseYaml(configuration, "alertmanager.yml");
  if (isMapping(value)) collect(value["route"], { receiver: "", interval: DEFAULT_GROUP_INTERVAL }, found);
  return (receiver) => found.get(receiver) ?? DEFAULT_GROUP_INTERVAL;
}

interface Inherited {
  readonly receiver: string;
  readonly interval: Duration;
}

function collect(route: unknown, above: Inherited, found: Map<string, Duration>): void {
  if (!isMapping(route)) return;
  const { receiver = above.receiver, group_interval: written, routes } = route;
  const interval = (typeof written === "string" ? parseDuration(written) : undefined) ?? above.interval;
  const here = { receiver: String(receiver), interval };
  found.set(here.receiver, Math.max(found.get(here.receiver) ?? 0, interval) as Duration);
  if (Array.isArray(routes)) for (const child of routes) collect(child, here, found);
}

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
