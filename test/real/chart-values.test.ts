import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { kinds } from "../../src/cli/kinds.ts";
import { configJsonSchema } from "../../src/config/json-schema.ts";
import { version } from "../../src/lib/package.ts";
import { chartFolder, runTemplate, type ChartValues } from "../helpers/chart.ts";
import { chartValues, readmeWithValues } from "../helpers/chart-values.ts";
import { describeReal } from "../helpers/describe-real.ts";

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly const?: unknown;
  readonly writeOnly?: boolean;
  readonly additionalProperties?: boolean | Schema;
}

/** Paths of a schema that have none below them. */
const leavesOf = ({ properties }: Schema, above = ""): readonly string[] =>
  Object.entries(properties ?? {}).flatMap(([name, inner]) =>
    inner.properties ? leavesOf(inner, `${above}${name}.`) : [`${above}${name}`],
  );

const alternatives = ({ oneOf, anyOf }: Schema): readonly Schema[] => [...(oneOf ?? []), ...(anyOf ?? [])];

/**
 * A configuration with literals for its secrets, and the paths of these: of lists with an entry for each alternative,
 * elsewhere with the alternative of that number, or the last.
 */
function planted(
  schema: Schema,
  path: string,
  choice: number,
): { readonly value: unknown; readonly paths: readonly string[] } {
  if (schema.writeOnly) return { value: "planted", paths: [path] };
  if (schema.items) {
    const kinds = alternatives(schema.items);
    const entries = (kinds.length > 0 ? kinds : [schema.items]).map((kind, i) =>
      planted(kind, `${path}[${i}]`, choice),
    );
    return { value: entries.map(({ value }) => value), paths: entries.flatMap(({ paths }) => paths) };
  }
  const chosen = alternatives(schema)[choice] ?? alternatives(schema).at(-1);
  const inner = { ...chosen?.properties, ...schema.properties };
  const fields = Object.entries(inner).map(
    ([name, field]) => [name, planted(field, `${path}.${name}`, choice)] as const,
  );
  const own = fields.filter(([, { paths }]) => paths.length > 0);
  const type = inner["type"]?.const;
  const value = {
    ...(type !== undefined && { type }),
    ...Object.fromEntries(own.map(([name, { value }]) => [name, value])),
  };
  return { value, paths: own.flatMap(([, { paths }]) => paths) };
}

describe("the values of the Helm chart", () => {
  it("are the same in values.yaml and in the schema", async () => {
    const schema = JSON.parse(await readFile(join(chartFolder, "values.schema.json"), "utf8")) as Schema;
    const inSchema = leavesOf(schema).map((path) => path.replace(/^resources\..*/, "resources"));
    const inValues = (await chartValues()).map(({ path }) => path);
    expect([...new Set(inSchema)].filter((path) => path !== "global").toSorted()).toEqual(inValues.toSorted());
  });

  it("are in the table of its page: `vitest run test/real/chart-values.test.ts --update` writes it", async () => {
    const { path, text } = await readmeWithValues();
    await expect(text).toMatchFileSnapshot(path);
  });

  it("have the version of Watchkeeper", async () => {
    const chart = parse(await readFile(join(chartFolder, "Chart.yaml"), "utf8")) as Record<string, unknown>;
    expect(chart["appVersion"]).toBe(version);
  });
});

describeReal("Helm refuses", ["helm"], ({ helm }) => {
  const refusal = async (values: ChartValues): Promise<string> => {
    const { code, stderr } = await runTemplate(helm, values);
    expect(code).not.toBe(0);
    return stderr;
  };
  const targets = { vault: [{ name: "homelab", nodes: ["https://vault-0.example.org:8200"] }] };
  const open = { networkPolicy: { enabled: false } };

  it.each([
    ["an unknown value", { persistance: {} }, "additional properties 'persistance' not allowed"],
    ["an unknown value below", { persistence: { sise: "1Gi" } }, "at '/persistence': additional properties 'sise'"],
    ["no replica", { replicas: 0 }, "at '/replicas': minimum: got 0, want 1"],
    ["a text for a number", { replicas: "two" }, "at '/replicas': got string, want integer"],
    ["an unknown probe", { probes: "exec" }, "at '/probes': value must be one of 'http', 'tcp'"],
    [
      "a file in place of the configuration",
      { files: { "watchkeeper.yaml": "" } },
      "invalid propertyName 'watchkeeper.yaml'",
    ],
    ["an ExternalSecret without a store", { externalSecret: { enabled: true } }, "at '/externalSecret/store/name'"],
    ["a listen address", { config: { server: { listen: ":80" } } }, "config.server.listen is the chart's"],
    [
      "a place of the file",
      { config: { store: { sqlite: { path: "a.db" } } } },
      "config.store.sqlite.path is the chart's",
    ],
    ["replicas by load on SQLite", { autoscaling: { enabled: true } }, "autoscaling needs a database"],
    ["targets out of reach", { config: { targets } }, "nothing of config.targets could be reached"],
    [
      "rules that are not those of the configuration",
      { config: { rules: { VaultDown: { for: "1m" } } }, prometheusRule: { enabled: true } },
      "config.rules changes alerts",
    ],
    ["an Alertmanager without a source", { alertmanagerConfig: { enabled: true } }, "needs a source"],
    [
      "an Alertmanager without a Secret",
      {
        ...open,
        alertmanagerConfig: { enabled: true },
        config: { alerting: { sources: [{ name: "a", credentials: [{ type: "bearer", token_file: "token" }] }] } },
      },
      "alertmanagerConfig.secret has to name the Secret with the key token",
    ],
  ])("%s", async (_, values, message) => {
    expect(await refusal(values)).toContain(message);
  });

  it.each([0, 1, 2])("each literal secret that the configuration may have (%i), and prints none", async (choice) => {
    const { value, paths } = planted(configJsonSchema(kinds) as Schema, "config", choice);
    expect(paths.length).toBeGreaterThan(20);
    const said = await refusal({ config: value, ...open });
    expect(
      said
        .split("\n")
        .filter((line) => line.startsWith("config."))
        .toSorted(),
    ).toEqual(paths.toSorted());
    expect(said).not.toContain("planted");
  });

  it("no secret that is in the environment or in a file", async () => {
    const auth = [
      { method: "token", token: "${VAULT_TOKEN}" },
      { method: "token", token_file: "vault-token" },
    ];
    const vault = auth.map((one, i) => ({ ...targets.vault[0], name: `vault-${i}`, auth: one }));
    const { code, stdout } = await runTemplate(helm, { config: { targets: { vault } }, ...open });
    expect(code).toBe(0);
    expect(stdout).toContain("token: ${VAULT_TOKEN}");
  });
});
