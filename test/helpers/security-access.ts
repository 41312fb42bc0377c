import { createHmac } from "node:crypto";
import { expect } from "vitest";
import { addressOf, routes } from "./security-routes.ts";
import { MARKUP, PLANTED, type SecuritySite } from "./security-site.ts";
import { ask, type Trial } from "./security-trial.ts";

const basic = (password: string) => ({ authorization: `Basic ${btoa(`reader:${password}`)}` });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const JSON_TYPE = { "content-type": "application/json" };
const HOOK = "/api/v1/webhooks/alertmanager/main";

const post = ({ url }: SecuritySite, path: string, headers: Readonly<Record<string, string>>, body = "{}") =>
  ask(url, path, { method: "POST", headers: { ...JSON_TYPE, ...headers }, body });

/** Who is let in. */
export const accessTrials: readonly Trial[] = [
  {
    name: "a webhook without its token",
    tried:
      "A notification with no token, a wrong one, one in the address, a user name in its place, and the pages' password.",
    happened: "401 each time and nothing was kept; with the token 400 for a body that is no notification.",
    async run(site) {
      const { password } = site.guarded;
      const tries = [{}, bearer("wrong"), bearer(`${PLANTED}x`), basic(PLANTED), basic(password), bearer("")];
      for (const headers of tries) expect((await post(site, HOOK, headers)).status).toBe(401);
      expect((await post(site, `${HOOK}?token=${PLANTED}&access_token=${PLANTED}`, {})).status).toBe(401);
      expect((await post(site, HOOK, bearer(PLANTED))).status).toBe(400);
    },
  },
  {
    name: "a signed webhook, sent again or changed",
    tried: "A notification with a signature was sent twice, with another body, and with a time of an hour ago.",
    happened: "202 the first time, and 401 for each of the others.",
    async run(site) {
      const alert = { status: "firing", labels: { alertname: "Signed", to: "nobody" }, annotations: {} };
      const body = JSON.stringify({
        version: "4",
        groupKey: "signed",
        status: "firing",
        receiver: "w",
        groupLabels: {},
        commonLabels: {},
        commonAnnotations: {},
        externalURL: "",
        alerts: [{ ...alert, fingerprint: "00000000000000aa", startsAt: new Date().toISOString() }],
      });
      const send = async (time: number, signed: string, sent = signed) => {
        const signature = createHmac("sha256", PLANTED).update(`${time}:${signed}`).digest("hex");
        const headers = {
          "x-grafana-alerting-signature": signature,
          "x-grafana-alerting-timestamp": String(time),
        };
        return (await post(site, "/api/v1/webhooks/alertmanager/signed", headers, sent)).status;
      };
      const now = Math.floor(Date.now() / 1_000);
      expect(await send(now, body)).toBe(202);
      expect(await send(now, body)).toBe(401);
      expect(await send(now + 1, body, `${body} `)).toBe(401);
      expect(await send(now - 3_600, body)).toBe(401);
    },
  },
  {
    name: "a name that leads here (DNS rebinding)",
    tried: "Requests to the server on loopback under a public name of an attacker's.",
    happened: "421 on every route; an IP address, `localhost` and names that nobody can register are answered.",
    async run({ url }) {
      for (const route of routes) {
        const headers = { host: "rebound.evil.example.org" };
        const { status } = await ask(url, addressOf(route), { method: route.method as "GET", headers });
        expect([route.path, status]).toEqual([route.path, 421]);
      }
      for (const host of ["localhost:9797", "127.0.0.1", "[::1]:9797", "watchkeeper", "host.docker.internal"])
        expect((await ask(url, "/-/healthy", { headers: { host } })).status).toBe(200);
    },
  },
  {
    name: "a way out (open redirect)",
    tried:
      "Ids, names and addresses of another site wherever a page leads on: `/traces?id=`, `/logs?id=`, `//host/`, `/\\host`.",
    happened: "Every `Location` is a path of Watchkeeper's own.",
    async run({ url }) {
      const elsewhere = ["//evil.example.org", "https://evil.example.org/", "/\\evil.example.org", "\r\nx: y", MARKUP];
      const paths = elsewhere.flatMap((text) => {
        const id = encodeURIComponent(text);
        return [
          `/traces?id=${id}`,
          `/logs?id=${id}`,
          `/traces/${id}`,
          `/logs/${id}`,
          `/${id}`,
          `/correlate?group=${id}`,
        ];
      });
      const kibana = "https://evil.example.org/app/discover#/doc/x/logs?id=abc";
      for (const path of [...paths, "//evil.example.org/", `/logs?id=${encodeURIComponent(kibana)}`, "/logs?id=abc"]) {
        const { status, headers } = await ask(url, path);
        expect([path, status < 500]).toEqual([path, true]);
        expect([path, headers["location"] ?? "/here"]).toEqual([path, expect.stringMatching(/^\/(?![/\\])/)]);
        expect(headers["x"]).toBeUndefined();
      }
    },
  },
];
