/** What somebody chose of a variable. */
export interface Choice {
  /** Whether several may be chosen, which makes a regular expression of it. */
  readonly multi: boolean;
  /** All when absent. */
  readonly values?: readonly string[];
}

/** How Grafana fills in what it chooses by itself, in seconds. */
export interface GrafanaTimes {
  readonly range: number;
  readonly step: number;
  /** Interval of scrapes. */
  readonly scrape: number;
}

/**
 * A query of Prometheus as Grafana would send it.
 * Source: https://github.com/grafana/grafana/blob/main/packages/grafana-prometheus/src/datasource.ts,
 * interpolateQueryExpr
 */
export function filled(
  query: string,
  choices: ReadonlyMap<string, Choice>,
  { range, step, scrape }: GrafanaTimes,
): string {
  // https://grafana.com/docs/grafana/latest/datasources/prometheus/template-variables/#use-__rate_interval
  const rateInterval = Math.max(step + scrape, 4 * scrape);
  const own: Readonly<Record<string, string>> = {
    __rate_interval: `${rateInterval}s`,
    __interval: `${step}s`,
    __range: `${range}s`,
  };
  return query.replaceAll(/\$(\w*[a-zA-Z]\w*)|\$\{(\w+)\}/g, (use, plain?: string, braced?: string) => {
    const name = plain ?? braced ?? "";
    const choice = choices.get(name);
    return own[name] ?? (choice === undefined ? use : chosen(choice));
  });
}

function chosen({ multi, values }: Choice): string {
  if (values === undefined) return ".+";
  if (!multi) return escaped(values[0] ?? "");
  const patterns = values.map((value) => escaped(value.replaceAll(/[\\^$*+?.()|[\]{}]/g, "\\$&")));
  return patterns.length === 1 ? (patterns[0] ?? "") : `(${patterns.join("|")})`;
}

const escaped = (value: string): string => value.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
