import { expect, test } from "vitest";
import { chooseCandidates } from "./candidates.ts";
import type { Capabilities, FieldCapability } from "./capabilities.ts";

const query = { source: "elasticsearch", purpose: "", method: "POST", path: "/" } as const;

const field = (name: string, type = "keyword", rest: Partial<FieldCapability> = {}): FieldCapability => ({
  name,
  types: [type],
  counts: {},
  searchable: true,
  aggregatable: true,
  isMetadata: false,
  missing: [],
  ...rest,
});

const chosen = (fields: readonly FieldCapability[], message = "own.text"): readonly string[] => {
  const capabilities: Capabilities = {
    indices: ["logs"],
    fields: new Map(fields.map((one) => [one.name, one])),
    notes: [],
    query,
  };
  const none = { timestamp: [], level: [], service: [], trace: [], span: [], namespace: [], pod: [], host: [] };
  const own = { name: message, kind: "keyword", term: message } as const;
  const profile = { ...none, message: [own], severityNumber: undefined, indices: 1, notes: [], query };
  return chooseCandidates(capabilities, profile).map(({ name }) => name);
};

test("what most often tells a cause comes first", () => {
  const names = [
    "labels.team",
    "http.request.method",
    "kubernetes.pod.name",
    "service.version",
    "cloud.region",
    "error.type",
  ];
  expect(chosen(names.map((name) => field(name)))).toEqual([
    "service.version",
    "error.type",
    "kubernetes.pod.name",
    "cloud.region",
    "http.request.method",
    "labels.team",
  ]);
});

test.each([
  "event.id",
  "user_id",
  "requestId",
  "kubernetes.pod.uid",
  "file.hash",
  "client.ip",
  "host.mac",
  "log.offset",
  "trace.id",
  "severity_text",
  "message.keyword",
  "own.text",
  "own.text.keyword",
  "agent.name",
  "ecs.version",
  "event.ingested",
  "error.stack_trace",
])("%s is not compared", (name) => {
  expect(chosen([field(name)])).toEqual([]);
});

test("a hash that tells a deployment is", () => {
  expect(chosen([field("kubernetes.labels.pod-template-hash")])).toHaveLength(1);
});

test("only what can be counted value by value is compared", () => {
  const fields = [
    field("a.text", "text", { aggregatable: false }),
    field("b.hidden", "keyword", { searchable: false }),
    field("c.different", "keyword", { types: ["keyword", "long"] }),
    field("d.duration", "long"),
    field("http.response.status_code", "long"),
    field("e.flag", "boolean"),
    field("_index", "_index", { isMetadata: true }),
    field("f.events", "nested"),
    field("f.events.kind"),
  ];
  expect(chosen(fields)).toEqual(["http.response.status_code", "e.flag"]);
});

test("at most 40", () => {
  expect(chosen(Array.from({ length: 500 }, (_, n) => field(`labels.l${n}`)))).toHaveLength(40);
});
