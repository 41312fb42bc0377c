import { formatDuration, seconds } from "../../core/duration.ts";
import type { ResolvedVariable } from "../../dashboards/resolved.ts";
import { escapePattern } from "../../lib/prometheus/selector.ts";

/** The values that were chosen, by the variable's name; none for all of them. */
export type Chosen = Readonly<Record<string, readonly string[]>>;

/** What takes the place of Grafana's placeholders in an expression. */
export interface Filling {
  readonly variables: readonly ResolvedVariable[];
  readonly chosen: Chosen;
  /** Window of a `rate`, in seconds. */
  readonly rateInterval: number;
}

/** How many scrapes a `rate` must see at the least, as in Grafana. */
const SCRAPES = 4;

/**
 * The window that Grafana chooses for a `rate`: a step and a scrape more, so that no scrape is skipped. All in seconds.
 * Source: https://grafana.com/docs/grafana/latest/datasources/prometheus/template-variables/#use-__rate_interval
 */
export const rateInterval = (step: number, scrapeInterval: number): number =>
  Math.max(step + scrapeInterval, SCRAPES * scrapeInterval);

const PLACEHOLDER = /\$(\w+)/g;

/** An expression of a panel as Prometheus takes it. What is filled in is never looked at again. */
export function fill(expr: string, { variables, chosen, rateInterval: window }: Filling): string {
  const byName = new Map(variables.map((variable) => [variable.name, variable]));
  return expr.replaceAll(PLACEHOLDER, (text, name: string) => {
    if (name === "__rate_interval") return formatDuration(seconds(Math.ceil(window)));
    const variable = byName.get(name);
    return variable === undefined ? text : insideQuotes(valueOf(variable, chosen[name] ?? []));
  });
}

/** Grafana takes "all" to be every value that is not empty. */
const ALL = ".+";

function valueOf({ multiple }: ResolvedVariable, values: readonly string[]): string {
  const [first = ""] = values;
  if (!multiple) return first;
  const patterns = values.map(escapePattern);
  return values.length === 0 ? ALL : values.length === 1 ? (patterns[0] ?? ALL) : `(${patterns.join("|")})`;
}

/** What stands for itself in RE2, whose syntax Prometheus has. */

/** PromQL's strings follow Go's: https://prometheus.io/docs/prometheus/latest/querying/basics/#string-literals */
const insideQuotes = (text: string): string =>
  text
    .replaceAll(/[\\"]/g, String.raw`\$&`)
    // eslint-disable-next-line no-control-regex
    .replaceAll(/[\u0000-\u001f\u007f]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
