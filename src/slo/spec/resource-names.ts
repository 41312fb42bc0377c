import type { YamlPath } from "../../lib/yaml-places.ts";
import type { Findings } from "./findings.ts";

/** Names of resources of Kubernetes' kind, whose alphabets are wider than those of ids and of Prometheus' labels. */

const MOST_ID = 128;

/** An id of names, `shop-checkout`, with a dash for every character that ids have not; undefined after a finding. */
export function resourceId(names: readonly string[], path: YamlPath, findings: Findings): string | undefined {
  const id = names.map((name) => name.replaceAll(/[^A-Za-z0-9_-]/g, "-")).join("-");
  if (/^[A-Za-z0-9]/.test(id) && id.length <= MOST_ID) return id;
  findings.error(
    "shape",
    path,
    `makes the id "${id.slice(0, MOST_ID)}": ids begin with a letter or digit and have ${MOST_ID} characters at most; take another name`,
  );
  return undefined;
}

/**
 * Labels as Prometheus can have them, `_` in place of every character that its names have not; each that changes is
 * told, and two that become one are a fault. A list of values becomes `a,b`.
 */
export function resourceLabels(
  written: Readonly<Record<string, string | readonly string[]>>,
  path: YamlPath,
  findings: Findings,
): Readonly<Record<string, string>> {
  const labels = new Map<string, string>();
  for (const [name, value] of Object.entries(written)) {
    const label = name.replaceAll(/[^A-Za-z0-9_]/g, "_").replace(/^(?=\d)/, "_");
    if (labels.has(label)) {
      findings.error("shape", [...path, name], `becomes the label ${label}, as another one does: rename one of them`);
      continue;
    }
    if (label !== name) findings.warning("renamed-label", [...path, name], `is the label ${label} in Prometheus`);
    labels.set(label, typeof value === "string" ? value : value.join(","));
  }
  return Object.fromEntries(labels);
}
