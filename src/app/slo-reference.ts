import { section } from "../config/reference-table.ts";
import { formatDuration } from "../core/duration.ts";
import type { JsonSchema } from "../lib/documents/schema-tree.ts";
import type { Tier } from "../slo/model.ts";
import { WINDOW } from "../slo/spec/defaults.ts";
import { lengthOf, tiersFor } from "../slo/tiers.ts";
import { ownJsonSchema } from "../slo/spec/own-schema.ts";

/** The reference page of specifications in our own format, in Markdown. */
export function sloReference(): string {
  const root: JsonSchema = ownJsonSchema();
  const slo = entryOf(root.properties?.["slos"]);
  const { sli, alerts } = slo?.properties ?? {};
  const parts = [
    INTRODUCTION,
    section(root, { title: "file", schema: root, help: FILE, apart: ["defaults", "slos"] }),
    section(root, { title: "slos[]", schema: slo, help: SLO, apart: ["sli", "alerts"] }),
    section(root, { title: "sli", schema: sli }),
    section(root, { title: "alerts", schema: alerts, help: ALERTS }),
    tiers(),
  ];
  return `${parts.join("\n\n")}\n`;
}

/** The JSON Schema (draft 2020-12) of such a file, for editors. */
export const sloSchemaText = (): string => `${JSON.stringify(ownJsonSchema(), null, 2)}\n`;

function entryOf(list: boolean | JsonSchema | undefined): JsonSchema | undefined {
  const entry = typeof list === "object" ? [list.items].flat()[0] : undefined;
  return typeof entry === "object" ? entry : undefined;
}

const INTRODUCTION = `<!-- Written by \`watchkeeper generate docs\`. -->

# Specifications of objectives

The keys of a file of service level objectives, from the schema that checks it. [Service level objectives](../slo.md) has
examples; \`watchkeeper slo validate\` says what is wrong with yours, with line and column. An unknown key is an error. Editors
complete the keys by the [JSON Schema](slo.schema.json), with a first line such as
\`# yaml-language-server: $schema=slo.schema.json\`.

\`$window\` in a query stands for a length of time that is filled in. A percentage is written \`99.9\` or \`99.9%\`, a duration
\`5m\` or \`1h30m\`.`;

const FILE =
  "What stands around the objectives of a file. `defaults` has the keys `window`, `group_by`, `minimum` and `alerts`, as an SLO has them.";
const SLO = "One objective. Its keys stand over those of `defaults`, one by one within `minimum` and `alerts`.";
const ALERTS = "Which alerts are written, of an SLO or of `defaults`.";

const tiers = (): string => `## The tiers of 30 days

Without \`tiers\` the alerts have these rows. A longer window has greater factors for the same shares of its budget; one shorter
than four weeks has the factors of four weeks, and the rows that fit into it at least twice.

| Alert | Long | Short | Factor | Share of the budget | For | Keep firing for |
| --- | --- | --- | --- | --- | --- | --- |
${tiersFor(WINDOW).map(tierRow).join("\n")}`;

function tierRow({ alert, long, short, factor, for: holding, keepFiringFor }: Tier): string {
  const share = `${Math.round(((factor * long) / lengthOf(WINDOW)) * 100)} %`;
  const lengths = [holding, keepFiringFor].map(formatDuration);
  return `| ${[alert, formatDuration(long), formatDuration(short), factor, share, ...lengths].join(" | ")} |`;
}
