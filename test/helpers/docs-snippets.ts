import { parseYaml } from "../../src/lib/yaml.ts";
import type { Page } from "./read-docs.ts";

/** A mapping of YAML. */
export type Settings = Readonly<Record<string, unknown>>;

/** Programs whose configuration a page shows, and keys that tell it: at the root, or of the first entry of a list. */
const KINDS = {
  "alert rules": ["groups", "alert", "record"],
  prometheus: ["scrape_configs", "rule_files"],
  alertmanager: ["receivers", "route", "webhook_configs", "inhibit_rules"],
  "web.config": ["tls_server_config", "basic_auth_users"],
  watchkeeper: [
    "alerting",
    "rules",
    "targets",
    "store",
    "tracing",
    "slo",
    "server",
    "log",
    "auth",
    "type",
    "grafana",
    "prometheus",
  ],
  "specifications of slos": ["slos"],
  "argo rollouts": ["metrics"],
  // no program of theirs is among the real ones
  "compose files": ["services"],
  "values of Helm charts": ["sidecar", "serviceMonitor"],
  // only Slack itself could check it
  "app of slack": ["display_information"],
} as const;

/** A name of {@link KINDS}. */
export type SnippetKind = keyof typeof KINDS;

/** A YAML block of a page; most are a part of a file. */
export interface Snippet {
  readonly kind: SnippetKind;
  /** Of a block that is a list, this holds its entries. */
  readonly list: readonly Settings[] | undefined;
  /** Of a block that is a mapping, this is it; of a list, its first entry. */
  readonly value: Settings;
  /** Path of the page and line. */
  readonly place: string;
}

/** The YAML blocks of pages. Throws for one that is no YAML, or of a program that is not known. */
export function snippetsOf(pages: readonly Page[]): readonly Snippet[] {
  const blocks = pages.flatMap((page) => page.blocks).filter(({ language }) => language === "yaml");
  return blocks.map(({ text, place }) => {
    const { value: root, faults } = parseYaml(text, place);
    if (faults[0] !== undefined) throw new Error(`${place}: ${faults[0].message}`);
    const list = Array.isArray(root) ? (root as readonly Settings[]) : undefined;
    const value = (list?.[0] ?? root ?? {}) as Settings;
    const kind = (Object.keys(KINDS) as SnippetKind[]).find((name) =>
      KINDS[name].some((key) => Object.hasOwn(value, key)),
    );
    if (kind === undefined) throw new Error(`${place}: nothing tells whose configuration this is`);
    return { kind, list, value, place };
  });
}
