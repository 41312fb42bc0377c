import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { readPromql } from "../checks/promql-text.ts";
import { FOLDER } from "../folder.ts";
import { provisioningFiles } from "./files.ts";
import { SOURCES } from "./sources.ts";

const textOf = (format: Parameters<typeof provisioningFiles>[0], ending: string): string => {
  const found = provisioningFiles(format).find(({ path }) => path.endsWith(ending));
  if (found === undefined) throw new Error(`no file ${ending}`);
  return found.text;
};

const text = z.string().min(1);
const json = z.record(z.string(), z.unknown());

/**
 * Source: https://github.com/grafana/grafana/blob/main/pkg/services/correlations/models.go and
 * provisioning/datasources/datasources.go
 */
const correlation = z.strictObject({
  label: text,
  description: text,
  targetUID: text,
  config: z.strictObject({
    type: z.literal("query"),
    field: text,
    target: json,
    transformations: z.array(z.strictObject({ type: z.enum(["regex"]), expression: text, mapValue: text })),
  }),
});

/** Source: https://github.com/grafana/grafana/blob/main/pkg/services/provisioning/datasources/types.go */
const sourcesSchema = z.strictObject({
  apiVersion: z.literal(1),
  prune: z.literal(true),
  datasources: z.array(
    z.strictObject({
      name: text,
      uid: text.max(40).regex(/^[\w-]+$/),
      type: text,
      access: z.literal("proxy"),
      url: text,
      basicAuth: z.boolean().optional(),
      basicAuthUser: text.optional(),
      secureJsonData: z.record(z.string(), text).optional(),
      jsonData: json,
      correlations: z.array(correlation).optional(),
      editable: z.literal(false),
    }),
  ),
});

/** Source: https://github.com/grafana/grafana/blob/main/pkg/services/provisioning/dashboards/types.go */
const providersSchema = z.strictObject({
  apiVersion: z.literal(1),
  providers: z.array(
    z.strictObject({
      name: text,
      orgId: z.literal(1),
      type: z.literal("file"),
      folder: text,
      folderUid: text,
      disableDeletion: z.boolean(),
      allowUiUpdates: z.literal(false),
      updateIntervalSeconds: z.int().min(10),
      options: z.strictObject({ path: text }),
    }),
  ),
});

const VARIABLE = /\$(?:(\w+)|\{(\w+)\})/g;

/**
 * As Grafana reads a text: `$$` is a `$`, and what else begins with one is a variable of its environment.
 * Source: https://github.com/grafana/grafana/blob/main/pkg/services/provisioning/values/values.go
 */
function asGrafanaReads(value: unknown): unknown {
  if (typeof value === "string")
    return value
      .split("$$")
      .map((part) => part.replace(VARIABLE, (_, plain?: string, braced?: string) => `<${plain ?? braced ?? ""}>`))
      .join("$");
  if (Array.isArray(value)) return value.map(asGrafanaReads);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, asGrafanaReads(each)]));
}

/** Every text below a value, with the key that it stands at. */
function textsIn(value: unknown, key = ""): readonly { readonly key: string; readonly text: string }[] {
  if (typeof value === "string") return [{ key, text: value }];
  if (Array.isArray(value)) return value.flatMap((each) => textsIn(each, key));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => textsIn(each, name));
}

const sourcesText = textOf("files", "datasources/watchkeeper.yaml");
const sources = sourcesSchema.parse(asGrafanaReads(parse(sourcesText)));
const sourceOf = (type: string) => {
  const found = sources.datasources.find((each) => each.type === type);
  if (found === undefined) throw new Error(`no data source of the type ${type}`);
  return found;
};
const uids = sources.datasources.map(({ uid }) => uid);

const readme = readFileSync(new URL("../../../deploy/grafana/README.md", import.meta.url), "utf8");

describe("data sources", () => {
  test("are of one uid and name each, and name only one another", () => {
    expect(new Set(uids).size).toBe(uids.length);
    expect(new Set(sources.datasources.map(({ name }) => name)).size).toBe(uids.length);
    const named = textsIn(sources).filter(({ key }) => /^(datasourceUid|targetUID|alertmanagerUid)$/.test(key));
    expect(named.length).toBeGreaterThan(8);
    for (const { text: uid } of named) expect(uids).toContain(uid);
  });

  test("what is meant as a $ is one when Grafana has read it", () => {
    expect(sources.datasources.map(({ jsonData }) => jsonData)).toEqual(SOURCES.map(({ jsonData }) => jsonData));
  });

  test("take only variables of the environment that the page names, and all of those", () => {
    const used = textsIn(sources).flatMap(({ text: each }) =>
      Array.from(each.matchAll(/<(\w+)>/g), ([, name]) => name),
    );
    const documented = Array.from(readme.matchAll(/^\| `([A-Z_]+)`/gm), ([, name]) => name);
    expect(used.toSorted()).toEqual(documented.toSorted());
    expect(used).toContain("PROMETHEUS_URL");
  });

  test("exemplars of both conventions lead to their traces", () => {
    expect(sourceOf("prometheus").jsonData["exemplarTraceIdDestinations"]).toEqual([
      { name: "traceID", datasourceUid: sourceOf("tempo").uid },
      { name: "trace_id", datasourceUid: sourceOf("tempo").uid },
    ]);
  });

  test("a span leads to logs and metrics from before and after it", () => {
    const { tracesToLogsV2, tracesToMetrics, ...rest } = sourceOf("tempo").jsonData;
    const around = {
      spanStartTimeShift: expect.stringMatching(/^-[1-9]/),
      spanEndTimeShift: expect.stringMatching(/^[1-9]/),
    };
    expect(tracesToLogsV2).toMatchObject({
      ...around,
      customQuery: true,
      query: 'trace.id:"${__trace.traceId}" OR trace_id:"${__trace.traceId}"',
    });
    expect(tracesToMetrics).toMatchObject(around);
    expect(rest).toMatchObject({
      serviceMap: { datasourceUid: sourceOf("prometheus").uid },
      nodeGraph: { enabled: true },
    });
  });

  test("a span's metrics are PromQL", () => {
    const { queries } = z
      .object({ queries: z.array(z.object({ query: text })).min(1) })
      .parse(sourceOf("tempo").jsonData["tracesToMetrics"]);
    for (const { query } of queries)
      expect(readPromql(query.replaceAll("$__tags", 'service="x"'))).not.toBeTypeOf("string");
  });

  test("a line's trace id leads to the trace, by one link only", () => {
    const { dataLinks } = z
      .object({ dataLinks: z.array(z.object({ field: text, url: z.literal("${__value.raw}"), datasourceUid: text })) })
      .parse(sourceOf("elasticsearch").jsonData);
    for (const field of ["trace.id", "trace_id"])
      expect(dataLinks.filter((link) => new RegExp(link.field).test(field))).toHaveLength(1);
    expect(dataLinks.some((link) => new RegExp(link.field).test("parent_trace_id"))).toBe(false);
  });
});

describe("correlations", () => {
  const all = sources.datasources.flatMap(({ uid, correlations = [] }) =>
    correlations.map((each) => ({ from: uid, ...each })),
  );

  test("lead from logs to traces, and from traces to logs", () => {
    const ways = new Set(all.map(({ from, targetUID }) => `${from} -> ${targetUID}`));
    expect([...ways].toSorted()).toEqual([
      "watchkeeper-elasticsearch -> watchkeeper-tempo",
      "watchkeeper-tempo -> watchkeeper-elasticsearch",
    ]);
  });

  test("ask only for what they have taken out of the field", () => {
    for (const { config } of all) {
      const wanted = textsIn(config.target).flatMap(({ text: each }) =>
        Array.from(each.matchAll(/\$\{(\w+)\}/g), ([, name]) => name),
      );
      expect(wanted.length).toBeGreaterThan(0);
      expect(new Set(wanted)).toEqual(new Set(config.transformations.map(({ mapValue }) => mapValue)));
    }
  });

  test.each([
    ["level=error traceID=0af7651916cd43dd8448eb211c80319c msg=x", "0af7651916cd43dd8448eb211c80319c"],
    ['{"trace_id":"0af7651916cd43dd8448eb211c80319c"}', "0af7651916cd43dd8448eb211c80319c"],
    ["TraceId: 0af7651916cd43dd8448eb211c80319c", "0af7651916cd43dd8448eb211c80319c"],
    ["trace.id=0af7651916cd43dd8448eb211c80319c", "0af7651916cd43dd8448eb211c80319c"],
    ["span_id=00f067aa0ba902b7, a trace without id", undefined],
  ])("finds the trace that a text names: %s", (line, id) => {
    const inText = all.find(({ config }) => config.field === "message");
    const expression = inText?.config.transformations[0]?.expression ?? "";
    expect(new RegExp(expression).exec(line)?.[1]).toBe(id);
  });
});

test("dashboards are found in one folder, by whatever way they come", () => {
  const { providers } = providersSchema.parse(asGrafanaReads(parse(textOf("files", "dashboards/watchkeeper.yaml"))));
  expect(providers).toMatchObject([{ folder: FOLDER.title, folderUid: FOLDER.uid }]);
  const [folder] = parseAllDocuments(textOf("operator", "folder.yaml")).map((each): unknown => each.toJS());
  expect(folder).toMatchObject({ kind: "GrafanaFolder", spec: { title: FOLDER.title, uid: FOLDER.uid } });
  expect(JSON.parse(textOf("v2", "folder.json"))).toEqual({
    apiVersion: "folder.grafana.app/v1",
    kind: "Folder",
    metadata: { name: FOLDER.uid },
    spec: { title: FOLDER.title },
  });
});

test("the sidecar is given the same file", () => {
  expect(parse(textOf("sidecar", "datasources.yaml"))).toMatchObject({
    kind: "ConfigMap",
    metadata: { labels: { grafana_datasource: "1" } },
    data: { "watchkeeper.yaml": sourcesText },
  });
});

test("the operator fills in what it is told to, and leaves every other $ alone", () => {
  const schema = z.object({
    kind: z.literal("GrafanaDatasource"),
    spec: z.strictObject({
      uid: text,
      instanceSelector: z.strictObject({ matchLabels: z.strictObject({ dashboards: z.literal("grafana") }) }),
      valuesFrom: z.array(
        z.strictObject({
          targetPath: text,
          valueFrom: z.strictObject({ secretKeyRef: z.strictObject({ name: text, key: text }) }),
        }),
      ),
      datasource: z.looseObject({ name: text, type: text, url: text, jsonData: json }),
    }),
  });
  const resources = parseAllDocuments(textOf("operator", "datasources.yaml")).map(
    (each) => schema.parse(each.toJS()).spec,
  );
  expect(resources.map(({ uid, datasource: { name, type, jsonData } }) => ({ uid, name, type, jsonData }))).toEqual(
    SOURCES.map(({ uid, name, type, jsonData }) => ({ uid, name, type, jsonData })),
  );
  for (const { valuesFrom, datasource } of resources)
    for (const { targetPath, valueFrom } of valuesFrom) {
      const at = targetPath.split(".").reduce<unknown>((value, key) => z.looseObject({}).parse(value)[key], datasource);
      expect(at).toBe(`\${${valueFrom.secretKeyRef.key}}`);
      expect(readme).toContain(`| \`${valueFrom.secretKeyRef.key}\``);
    }
});
