import { DEFAULT_LISTEN } from "../core/default-address.ts";
import type { JsonSchema } from "../lib/documents/schema-tree.ts";
import { CONFIG_VARIABLE, overridableSettings } from "./overrides.ts";
import { section, type Section } from "./reference-table.ts";
import { anyRule } from "./rules-schema.ts";
import type { Kinds } from "./schema.ts";
import { settingsTree } from "./settings-tree.ts";

/** The reference page of the configuration in Markdown; the same kinds always give the same page. */
export function configReference(kinds: Kinds): string {
  const root = settingsTree(kinds);
  const { server, log, targets, rules: _, alerting, ...others } = root.properties ?? {};
  const sections = (schemas: Readonly<Record<string, Section["schema"]>>): readonly string[] =>
    Object.entries(schemas).map(([key, schema]) => section(root, { title: key, prefix: key, schema }));
  const rule = anyRule();
  const parts = [
    INTRODUCTION,
    ...sections({ server, log }),
    TARGETS,
    ...kinds.collectors.map(({ id }) => listSection(root, `targets.${id}`, propertyOf(targets, id))),
    section(rule, {
      title: "rules",
      prefix: "rules.<AlertName>",
      schema: rule,
      help: `${propertyOf(root, "rules")?.description} ${RULES}`,
    }),
    section(root, { title: "alerting", prefix: "alerting", schema: alerting, apart: ALERTING_APART }),
    ...ALERTING_APART.map((key) => listSection(root, `alerting.${key}`, propertyOf(alerting, key))),
    ...sections(others),
    REFERENCES,
    overrides(root),
    SECRETS,
  ];
  return `${parts.join("\n\n")}\n`;
}

/** The parts of the section `alerting` that are long enough for a table of their own. */
const ALERTING_APART = ["sources", "destinations", "route", "time_intervals"];

/**
 * A section about the entries of a list, or about a mapping that is told apart; keys stand without what is before them.
 */
function listSection(root: JsonSchema, title: string, schema: JsonSchema | undefined): string {
  const entry = [schema?.items].flat()[0];
  const isList = isSchema(entry);
  return section(root, {
    title: isList ? `${title}[]` : title,
    schema: isList ? entry : schema,
    help: schema?.description,
  });
}

function propertyOf(schema: unknown, key: string): JsonSchema | undefined {
  const property = isSchema(schema) ? schema.properties?.[key] : undefined;
  return isSchema(property) ? property : undefined;
}

const isSchema = (schema: unknown): schema is JsonSchema => typeof schema === "object" && schema !== null;

const INTRODUCTION = `# Configuration

Watchkeeper reads one YAML file, by default \`watchkeeper.yaml\`. This page is made from the schema that checks the file;
\`watchkeeper check\` says what is wrong with yours, with line and column.

\`\`\`yaml
server:
  listen: "${DEFAULT_LISTEN}"
log:
  level: info
targets: {}
\`\`\`

An unknown key is a fault. Files (keys that end in \`_file\`) are named by paths relative to the folder of
the configuration file. A duration is written like \`15s\`, \`5m\` or \`1h30m\`. [Routes of alerts](../alert-routing.md) has
examples for the section \`alerting\`.`;

const TARGETS = `## \`targets\`

One list for each kind of system. Each entry of a list is one target; names differ within a list.`;

const REFERENCES = `## References to the environment

In every text of the file, \`\${NAME}\` stands for the environment variable \`NAME\`, and \`\${NAME:-default}\` for
\`default\` when it is not set. A variable that is set to nothing counts as not set; without a default, that is a fault.
\`$\${\` is written for the characters \`\${\` themselves. References are replaced after the YAML is read, so the value of a
variable can not add keys or entries. Where a number, \`true\` or \`false\` is wanted, a reference alone is read as one.
Inside of \`{ }\` and \`[ ]\`, put a reference in quotes.`;

const RULES = `The names of the alerts and their thresholds are on the page [Alerts](alerts.md); [Alert rules](../alert-rules.md) has examples.`;

function overrides(root: JsonSchema): string {
  const rows = overridableSettings(root).map(({ variable, path }) => `| \`${variable}\` | \`${path.join(".")}\` |`);
  return `## Environment variables

These take the place of what the file says. A variable that begins with \`WATCHKEEPER_\` and is neither here nor named by
the file is a fault; those that Kubernetes makes for a service called \`watchkeeper\` are passed over.

| Variable | Setting |
| --- | --- |
| \`${CONFIG_VARIABLE}\` | path of the configuration file |
${rows.join("\n")}`;
}

const SECRETS = `## Secrets

A secret is written in one of three ways; the first is best:

1. in a file of its own, named by the key with \`_file\`: it can be rotated without a restart;
2. as a reference, \`\${NAME}\`;
3. as a literal.

No secret is ever shown in a log, an answer, a metric or an error; where the configuration is printed, \`<redacted>\`
stands in its place.`;
