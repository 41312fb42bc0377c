import type { Panel } from "../core/dashboard.ts";

/** What is told of a panel besides its picture. */
interface Told {
  readonly panel: Panel;
  readonly help: string;
  /** Names of alerts about what it shows. */
  readonly alerts: readonly string[];
  /** URL of Watchkeeper as people reach it, without a final slash. */
  readonly externalUrl: string;
}

/** A panel's description in Markdown: what it shows, which alerts tell of it, and why it may be empty. */
export function describe({ panel, help, alerts, externalUrl }: Told): string {
  const runbooks = alerts.map((name) => `[${name}](${externalUrl}/runbooks/${name})`);
  return [
    help,
    ...(runbooks.length === 0 ? [] : [`Alerts: ${runbooks.join(", ")}`]),
    ...(panel.emptyWhen === undefined ? [] : [`May be empty: ${panel.emptyWhen.replace(/\.$/, "")}.`]),
  ].join("\n\n");
}
