import pLimit from "p-limit";
import { errors, type Dispatcher } from "undici";
import { expect } from "vitest";
import { addressOf, routes, type Route } from "./security-routes.ts";
import { PLANTED } from "./security-site.ts";
import { ask, type Trial } from "./security-trial.ts";

type Headers = Readonly<Record<string, string>>;

const NOWHERE: Route = { method: "GET", path: "/nowhere", authority: "reader", isLinked: true, purpose: "" };
const everywhere: readonly Route[] = [...routes, NOWHERE];

const basic = (password: string): Headers => ({ authorization: `Basic ${btoa(`reader:${password}`)}` });
const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });

/** The status of the answer, or that none came because the handshake or the connection was ended. */
const statusAt = (url: string, route: Route, dispatcher: Dispatcher, headers: Headers = {}) =>
  ask(url, addressOf(route), { method: route.method, dispatcher, headers }).then(
    ({ status }) => status,
    (error: unknown) => {
      if (error instanceof errors.SocketError || /^ERR_SSL|^ECONNRESET$/.test(codeOf(error))) return "closed";
      throw error;
    },
  );

const codeOf = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : "");

/** What the route itself says to a request that has nothing in it. */
const letIn = (): unknown => expect.not.toBeOneOf([401, 403, 421, 429, "closed"]);

/** Each that is refused has a connection of its own. */
const ROUTES_AT_ONCE = pLimit(4);

/**
 * Asks each route in several ways at once, and compares the statuses, in that order, with what its authority demands.
 */
async function expectAll(
  waysOf: (route: Route) => readonly (readonly [asked: Promise<unknown>, expected: unknown])[],
): Promise<void> {
  const answers = await ROUTES_AT_ONCE.map(everywhere, async (route) => {
    const ways = waysOf(route);
    return [route, await Promise.all(ways.map(([asked]) => asked)), ways.map(([, expected]) => expected)] as const;
  });
  for (const [{ method, path }, statuses, expected] of answers)
    expect([method, path, ...statuses]).toEqual([method, path, ...expected]);
}

const navigation = (kind: string): Headers => ({
  "sec-fetch-site": "cross-site",
  "sec-fetch-mode": "navigate",
  "sec-fetch-dest": kind,
});

/** Who is let in, route by route, as the table of them says. */
export const authorityTrials: readonly Trial[] = [
  {
    name: "no password, or a wrong one",
    tried:
      "Each route of the table above, and a path that is none: without a password, with a wrong one, and with the right one; webhooks also with the password in place of their token.",
    happened:
      "401 for all of them, but with the password, or with a source's token for its webhooks. Without a `web_config_file` nothing is asked but that token.",
    async run({ url, guarded, mutual }) {
      const at = (route: Route, headers?: Headers) => statusAt(guarded.url, route, guarded.dispatcher, headers);
      await expectAll((route) => {
        const [right, other] =
          route.authority === "source"
            ? [bearer(PLANTED), basic(guarded.password)]
            : [basic(guarded.password), bearer(PLANTED)];
        const open = statusAt(url, route, mutual.clients.none);
        return [
          [at(route), 401],
          [at(route, basic("wrong")), 401],
          [at(route, bearer("wrong")), 401],
          [at(route, other), 401],
          [at(route, right), letIn()],
          [open, route.authority === "source" ? 401 : letIn()],
        ];
      });
    },
  },
  {
    name: "no client certificate, or a wrong one",
    tried:
      "Each route and a path that is none, where a client certificate is required: without one, with one of another authority, and with the right one; webhooks with and without their token.",
    happened:
      "The connection is closed without an answer but with the right certificate; a webhook needs it and its token too.",
    async run({ mutual: { url, clients } }) {
      await expectAll((route) => [
        [statusAt(url, route, clients.none, bearer(PLANTED)), "closed"],
        [statusAt(url, route, clients.wrong, bearer(PLANTED)), "closed"],
        [statusAt(url, route, clients.right), route.authority === "source" ? 401 : letIn()],
        [statusAt(url, route, clients.right, bearer(PLANTED)), letIn()],
      ]);
    },
  },
  {
    name: "a form on another site (CSRF)",
    tried:
      "What browsers send from another site's page: a form, and `fetch` without asking first, to each route that takes a POST.",
    happened:
      "403, whether the browser says so by `Sec-Fetch-Site` or by `Origin`; without these headers, as programs ask, it is let through.",
    async run({ url, mutual: { clients } }) {
      const foreign: readonly Headers[] = [
        navigation("document"),
        { "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors" },
        { origin: "http://evil.example.org" },
        { origin: "null" },
      ];
      const posted = routes.filter(({ method }) => method !== "GET");
      expect(posted.map(({ path }) => path)).toContain("/-/reload");
      await Promise.all(
        posted.flatMap((route) =>
          foreign.map(async (headers) => {
            const status = await statusAt(url, route, clients.none, headers);
            expect([route.path, headers, status]).toEqual([route.path, headers, 403]);
          }),
        ),
      );
      for (const headers of [{}, { origin: url }, { origin: url, "sec-fetch-site": "same-origin" }])
        expect((await ask(url, "/-/reload", { method: "POST", headers })).status).toBe(200);
    },
  },
  {
    name: "a picture or a frame on another site",
    tried:
      "Another site's page loads each route as a picture, a script and in a frame, and has it fetched ahead; a person follows a link there.",
    happened:
      "403 for what is loaded, so that no page can make Watchkeeper ask Elasticsearch unseen; a link is followed where the table says so, and else gets 403. No answer allows another site to read it (CORS).",
    async run({ url }) {
      const read = everywhere.filter(({ method }) => method === "GET");
      expect(read.filter(({ isLinked }) => !isLinked).map(({ path }) => path)).toContain("/api/v1/correlate");
      await Promise.all(
        read.map(async (route) => {
          const from = (headers: Headers) => ask(url, addressOf(route), { headers });
          const loaded: readonly Headers[] = [
            { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" },
            { "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors", origin: "http://evil.example.org" },
            navigation("iframe"),
            { ...navigation("document"), "sec-purpose": "prefetch" },
          ];
          const statuses = (await Promise.all(loaded.map(from))).map(({ status }) => status);
          const followed = await from(navigation("document"));
          const asLink = route.isLinked ? letIn() : 403;
          expect([route.path, ...statuses, followed.status]).toEqual([route.path, 403, 403, 403, 403, asLink]);
          expect(Object.keys(followed.headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
        }),
      );
    },
  },
];
