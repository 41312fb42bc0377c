import { afterAll, beforeAll, expect, it } from "vitest";
import { EvidenceDesk } from "../../src/app/evidence/desk.ts";
import type { DeskStore } from "../../src/app/evidence/desk-options.ts";
import { evidenceOf } from "../../src/app/evidence/lines.ts";
import { evidenceSchema } from "../../src/config/evidence-schema.ts";
import type { AlertGroup, GroupAlert } from "../../src/core/alert-group.ts";
import { minutes } from "../../src/core/duration.ts";
import type { Bundle } from "../../src/core/evidence.ts";
import { startElasticsearchLab } from "../../src/lab/elasticsearch/elasticsearch-lab.ts";
import { startPrometheusLab } from "../../src/lab/prometheus/prometheus-lab.ts";
import type { Shop } from "../../src/lab/shop/contract.ts";
import { elasticsearchSink } from "../../src/lab/shop/fill-elasticsearch.ts";
import { tracesSink } from "../../src/lab/shop/fill-traces.ts";
import { simulateShop } from "../../src/lab/shop/shop.ts";
import { startTempoLab } from "../../src/lab/tempo/tempo-lab.ts";
import { renderIncidentPage } from "../../src/server/pages/evidence/incident-page.ts";

/** Each has a part that is found nowhere else. */
const secret = (id: number): string => `planted${id}Xy7w0rd`;

/** What services log. */
const LOGGED = [
  `DB_PASSWORD=${secret(1)}`,
  String.raw`request {\"user\":\"u\",\"password\":\"${secret(2)}\"}`,
  `Authorization: Bearer ${secret(3)}`,
  `<login><password>${secret(4)}</password></login>`,
  `connect postgres://shop:${secret(5)}@db:5432/x failed`,
  `mysqldump --password ${secret(6)} shop`,
  `GET /a?access_token=${secret(7)}&x=1`,
  `:api_key=>"${secret(8)}", :b=>1`,
  `body=%7B%22clientSecret%22%3A%22${secret(9)}%22%7D`,
  `cookie: sid=${secret(10)}; theme=dark`,
];

/** What services put into attributes and labels, by their names. */
const NAMED: Readonly<Record<string, string>> = {
  "db.password": secret(21),
  "http.request.header.authorization": `["Bearer ${secret(22)}"]`,
  "http.request.header.x-api-key": `["${secret(23)}"]`,
  "db.statement": `ALTER USER u WITH PASSWORD '${secret(24)}'`,
  "url.full": `https://u:${secret(25)}@pay.example.org/?sig=${secret(26)}`,
  "app.apiToken": secret(27),
};

let close: () => Promise<void>;
let desk: EvidenceDesk;
let shop: Shop;
let kept: Bundle[];

const alertOf = (name: string, startsAt: number, of: Partial<GroupAlert> = {}): GroupAlert => ({
  fingerprint: name === "Asked" ? "a1b2c3d4e5f60718" : "ffffffffffffffff",
  state: "firing",
  annotations: {},
  startsAt,
  links: {},
  origin: "o",
  seenAt: startsAt,
  ...of,
  labels: { ...shop.alert.labels, alertname: name, ...of.labels },
});

beforeAll(async () => {
  const now = Date.now();
  const told = simulateShop({
    seed: 7,
    fault: "bad_version",
    rate: 1,
    from: now - minutes(85),
    faultAt: now - minutes(12),
    to: now - minutes(1),
  });
  let next = 0;
  shop = {
    ...told,
    lines: told.lines.map((line) =>
      line.level === "error" ? { ...line, message: `${line.message} ${LOGGED[next++ % LOGGED.length] ?? ""}` } : line,
    ),
    spans: told.spans.map((span) => ({
      ...span,
      attributes: { ...span.attributes, ...NAMED },
      ...(span.status === "error" && { statusMessage: `login failed: password=${secret(31)}` }),
    })),
    families: told.families.map((family) => ({
      ...family,
      series: family.series.map((series) => ({
        ...series,
        labels: { ...series.labels, api_key: secret(41), dsn: `amqp://u:${secret(42)}@mq` },
      })),
    })),
  };
  const [elasticsearch, tempo, prometheus] = await Promise.all([
    startElasticsearchLab(),
    startTempoLab(),
    startPrometheusLab(shop),
  ]);
  close = async () => void (await Promise.all([elasticsearch.close(), tempo.close(), prometheus.close()]));
  await (
    await elasticsearchSink({ url: elasticsearch.url })
  )(shop);
  await tracesSink({ url: tempo.otlpUrl })(shop);
  kept = [];
  const began = now - minutes(10);
  const group = {
    id: "g",
    alerts: [
      alertOf("Asked", began, {
        labels: { smtp_password: secret(51) },
        annotations: { summary: `token=${secret(52)}` },
      }),
      alertOf("Other", began - minutes(2), {
        annotations: { summary: `retry with password "${secret(53)}"` },
        links: { source: `https://u:${secret(54)}@p.example.org/?token=${secret(55)}` },
      }),
    ],
    updatedAt: began,
  } as unknown as AlertGroup;
  const store: Partial<DeskStore> = {
    groups: async ({ afterId }) => (afterId === undefined ? [group] : []),
    changes: async () => [
      {
        id: "0",
        kind: "deploy",
        at: began - minutes(1),
        title: `helm upgrade --set auth.password=${secret(61)}`,
        labels: { ...shop.alert.labels, vault_token: secret(62) },
        source: "api",
        link: `https://u:${secret(63)}@ci.example.org/?private_token=${secret(64)}`,
      },
    ],
    saveBundle: async (bundle) => void kept.push(bundle),
    bundle: async (id) => kept.find((one) => one.id === id),
  };
  desk = await EvidenceDesk.open({
    evidence: evidenceSchema.parse({
      elasticsearch: { nodes: [elasticsearch.url], indices: ["logs-shop"] },
      traces: { kind: "tempo", url: tempo.url },
    }),
    prometheus: { url: prometheus.url },
    externalUrl: "http://watchkeeper.example.org",
    relations: [],
    inhibitions: [],
    store: store as DeskStore,
  });
});
afterAll(async () => {
  await desk?.close();
  await close?.();
});

const leaked = (text: string): readonly string[] =>
  [...new Set(text.match(/.{0,60}planted\d+X?y?.{0,8}/gi))].slice(0, 20);

it("shows no secret of any source, in JSON, on the page and in messages", async () => {
  const signal = AbortSignal.timeout(60_000);
  const bundle = await desk.aboutAlert("a1b2c3d4e5f60718", signal);
  if (bundle === undefined) throw new Error("there is no bundle");
  const verdicts = bundle.reports.map(({ signal: one, verdict }) => [one, verdict]);
  expect(verdicts).not.toContainEqual([expect.anything(), "source_down"]);
  expect(leaked(JSON.stringify(bundle))).toEqual([]);
  expect(leaked(JSON.stringify(evidenceOf(bundle)))).toEqual([]);
  const page = renderIncidentPage(
    { bundle, deliveries: [], others: [] },
    { hasAlerts: true, now: Date.now(), slos: [] },
  );
  expect(leaked(page)).toEqual([]);
  expect(leaked(JSON.stringify(await desk.bundle(bundle.id)))).toEqual([]);
  const traceId = bundle.trace?.traceId ?? shop.spans.find(({ status }) => status === "error")?.traceId ?? "";
  const view = JSON.stringify(await desk.trace(traceId, signal));
  expect(view).toContain("<redacted>");
  expect(leaked(view)).toEqual([]);
  expect(JSON.stringify(bundle)).toContain("<redacted>");
});
