import type { CheckContext } from "./context.ts";
import type { Check, Fault } from "./fault.ts";
import { nameOf, shownPanels } from "./model.ts";
import { textsIn, variablesIn } from "./variables-in-text.ts";

/** Where a click leads, there is a dashboard, with the variables that the link sets, or a runbook. */
export const links: Check = (dashboard, context) => {
  const { panels: _, ...rest } = dashboard;
  return [
    ...linkFaults(rest, context).map((message) => ({ message })),
    ...shownPanels(dashboard).flatMap((panel): readonly Fault[] =>
      linkFaults(panel, context).map((message) => ({ panel: nameOf(panel), message })),
    ),
  ];
};

function linkFaults(of: unknown, context: CheckContext): readonly string[] {
  const faults = [...textsIn(of)].flatMap(({ key, text }) => {
    if (key === "url") return urlFaults(text, context);
    return key === "description" ? runbookFaults(text, context) : [];
  });
  return [...new Set(faults)];
}

function urlFaults(url: string, { dashboards }: CheckContext): readonly string[] {
  if (url === "") return [];
  if (/^(?:https?:\/\/|\/explore\?)/.test(url)) return [];
  const { uid, query = "" } = /^\/d\/(?<uid>[^/?#]+)(?:\/[^?#]*)?(?:\?(?<query>.*))?$/.exec(url)?.groups ?? {};
  if (uid === undefined) return [`has a link that leads neither to a dashboard nor to Explore: ${url}`];
  const known = dashboards.get(uid);
  if (known === undefined) return [`leads to the dashboard ${uid}, which there is not`];
  return [...new Set(setBy(query))]
    .filter((name) => !known.includes(name))
    .map((name) => `leads to ${uid} and sets the variable ${name}, which it has not`);
}

/** `var-x=...`, and `${x:queryparam}`, which Grafana makes the same of. */
const setBy = (query: string): readonly string[] => [
  ...Array.from(query.matchAll(/(?:^|&)var-([^=&]+)=/g), ([, name = ""]) => name),
  ...variablesIn(query).flatMap(({ name, format }) => (format === "queryparam" ? [name] : [])),
];

const runbookFaults = (markdown: string, { runbooks }: CheckContext): readonly string[] =>
  Array.from(markdown.matchAll(/\]\([^)\s]*\/runbooks\/(\w+)\)/g), ([, name = ""]) => name)
    .filter((name) => !runbooks.has(name))
    .map((name) => `leads to the runbook of ${name}, an alert that there is not`);
