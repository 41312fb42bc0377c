import { parse } from "yaml";
import { describe, expect, it } from "vitest";
import type { AlertSource, SourceCredential } from "../../core/alerting-config.ts";
import { formatDuration, milliseconds, minutes, parseDuration, seconds, type Duration } from "../../core/duration.ts";
import { labelMatcher } from "../../core/label-matcher.ts";
import { Secret } from "../../core/secret.ts";
import { renderInhibitRules } from "../inhibit-rules.ts";
import { isAlertmanagerSource, renderAlertmanagerConfig } from "./alertmanager-config.ts";
import type { WatchkeeperServer } from "./http-client.ts";

const SECRET = { value: new Secret("planted-secret"), file: undefined };
const bearer: SourceCredential = { type: "bearer", token: SECRET };
const basic: SourceCredential = { type: "basic", username: "alertmanager", password: SECRET };
const hmac: SourceCredential = { type: "hmac", secret: SECRET, header: "x-signature", timestampHeader: undefined };

const sourceWith = (credentials: readonly SourceCredential[], every?: Duration): AlertSource => ({
  name: "homelab",
  credentials,
  alertmanager: undefined,
  watchdog: every && {
    matchers: [labelMatcher("alertname", "=", "Watchdog"), labelMatcher("cluster name", "=~", "lab|prod")],
    every,
    misses: 3,
  },
});

const server = (more: Partial<WatchkeeperServer> = {}): WatchkeeperServer => ({
  url: "http://localhost:9797",
  hasOwnCertificate: false,
  wantsClientCertificate: false,
  username: undefined,
  ...more,
});

interface Route {
  readonly matchers: readonly string[];
  readonly group_interval: string;
  readonly repeat_interval: string;
}

interface Written {
  readonly route: Route & { readonly receiver: string; readonly routes?: readonly Route[] };
  readonly receivers: readonly {
    readonly name: string;
    readonly webhook_configs: readonly { readonly http_config?: object }[];
  }[];
  readonly inhibit_rules: readonly unknown[];
}

const written = (source: AlertSource, of = server()) => parse(renderAlertmanagerConfig(source, of, [])) as Written;
const clientOf = (source: AlertSource, of = server()) =>
  written(source, of).receivers[0]?.webhook_configs[0]?.http_config;

describe("Alertmanager's configuration", () => {
  it("sends every alert, and its end, to the webhook of the source", () => {
    const { route, receivers } = written(sourceWith([]));
    expect(receivers).toEqual([
      {
        name: route.receiver,
        webhook_configs: [
          {
            url: "http://localhost:9797/api/v1/webhooks/alertmanager/homelab",
            send_resolved: true,
            max_alerts: 0,
          },
        ],
      },
    ]);
    expect(route).not.toHaveProperty("matchers");
    expect(route).not.toHaveProperty("routes");
  });

  it.each([
    ["a token", [bearer], { authorization: { credentials_file: "watchkeeper-token" } }],
    ["a password", [basic], { basic_auth: { username: "alertmanager", password_file: "watchkeeper-password" } }],
    ["the first that is no signature", [hmac, bearer], { authorization: { credentials_file: "watchkeeper-token" } }],
    ["nothing", [], undefined],
  ])("shows %s, and never the secret itself", (_, credentials, client) => {
    expect(clientOf(sourceWith(credentials))).toEqual(client);
    expect(renderAlertmanagerConfig(sourceWith(credentials), server(), [])).not.toContain("planted-secret");
  });

  it("shows the password of the server where the source has no credentials of its own", () => {
    const guarded = server({ username: "prometheus" });
    expect(clientOf(sourceWith([]), guarded)).toEqual({
      basic_auth: { username: "prometheus", password_file: "watchkeeper-password" },
    });
    expect(clientOf(sourceWith([bearer]), guarded)).not.toHaveProperty("basic_auth");
  });

  it("knows the authority of a certificate that Watchkeeper serves itself, and shows one where it must", () => {
    const own = { url: "https://wk.example.org", hasOwnCertificate: true };
    expect(clientOf(sourceWith([]), server(own))).toEqual({ tls_config: { ca_file: "watchkeeper-ca.pem" } });
    expect(clientOf(sourceWith([]), server({ ...own, wantsClientCertificate: true }))).toEqual({
      tls_config: {
        ca_file: "watchkeeper-ca.pem",
        cert_file: "watchkeeper-client.pem",
        key_file: "watchkeeper-client-key.pem",
      },
    });
    expect(clientOf(sourceWith([]), server({ ...own, hasOwnCertificate: false }))).toBeUndefined();
  });

  it("says at its head which files it needs, and names no other", () => {
    const of = server({ url: "https://wk.example.org", hasOwnCertificate: true, wantsClientCertificate: true });
    const text = renderAlertmanagerConfig(sourceWith([bearer]), of, []);
    const told = [...text.matchAll(/^# - (watchkeeper-\S+): /gm)].map(([, name]) => name);
    const named = [...text.matchAll(/_file: (\S+)$/gm)].map(([, name]) => name);
    expect(told).toEqual(named);
    expect(named).toHaveLength(4);
    expect(renderAlertmanagerConfig(sourceWith([]), server(), [])).not.toContain("It needs beside it");
  });

  it("has the rules for what silences what", () => {
    const pack = {
      id: "house",
      title: "House",
      signals: {},
      alerts: [],
      inhibitions: [{ by: "HouseOnFire", silences: ["HouseWarm"], equal: ["target"], because: "It is warm." }],
    };
    const { inhibit_rules } = parse(renderAlertmanagerConfig(sourceWith([]), server(), [pack])) as Written;
    expect(inhibit_rules).toHaveLength(1);
    expect({ inhibit_rules }).toEqual(parse(renderInhibitRules([pack])));
  });
});

/** When a notification goes out: at the end of the first group interval after which the repeat interval is over. */
function sentEvery({ group_interval, repeat_interval }: Route): number {
  const [interval, repeat] = [group_interval, repeat_interval].map((text) => parseDuration(text) ?? Number.NaN);
  let at = interval ?? Number.NaN;
  while (at <= (repeat ?? Number.NaN)) at += interval ?? Number.NaN;
  return at;
}

describe("the route of a watchdog", () => {
  const lengths = [seconds(10), milliseconds(10_900), seconds(59), minutes(1), seconds(90), minutes(5), minutes(1_440)];

  it.each(lengths.map((every) => [formatDuration(every), every] as const))(
    "sends at least once in %s, and not twice as often as that",
    (_, every) => {
      const { routes = [], group_interval } = written(sourceWith([], every)).route;
      const [route] = routes;
      expect(route?.matchers).toEqual(['alertname="Watchdog"', '"cluster name"=~"lab|prod"']);
      const sent = sentEvery(route as Route);
      expect(sent).toBeLessThanOrEqual(every);
      expect(sent).toBeGreaterThan(every / 2);
      // Watchkeeper waits for the longest of a receiver before it calls an alert gone
      expect(parseDuration((route as Route).group_interval)).toBeLessThanOrEqual(parseDuration(group_interval) ?? 0);
    },
  );
});

describe("a source", () => {
  it.each([
    [[], true],
    [[hmac], false],
    [[hmac, basic], true],
  ])("with the credentials %j is one of an Alertmanager: %s", (credentials, is) => {
    expect(isAlertmanagerSource(sourceWith(credentials))).toBe(is);
  });
});
