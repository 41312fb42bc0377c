import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";
import { PLANTED } from "./security-site.ts";
import { ask, converse, statusIn, type Trial } from "./security-trial.ts";

const HOOK = "/api/v1/webhooks/alertmanager/main";
const HEAD = `POST ${HOOK} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n`;
const TOKEN = `authorization: Bearer ${PLANTED}\r\n`;
/** More than the server waits, on a machine that does much else; by default Node would wait for five minutes. */
const LONGEST_S = 60;
const CONNECTIONS = 400;

/** Letters for ever, one a second. */
function* drip(head: string, letter: string): Generator<string> {
  yield head;
  for (;;) yield letter;
}

/** How much, how long and how many. */
export const limitTrials: readonly Trial[] = [
  {
    name: "too much",
    tried:
      "A header and an address of 17 KiB, a webhook that announces 17 MiB, with its token and without, and a change of 65 KiB, announced and in chunks.",
    happened:
      "431 for headers and addresses, 413 for bodies; the sender without a token got 401 before a body was read.",
    async run({ port }) {
      const long = "x".repeat(17 * 1024);
      const statusOf = async (text: string) => statusIn((await converse(port, [text])).text);
      expect(await statusOf(`GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx-long: ${long}\r\n\r\n`)).toBe(431);
      expect(await statusOf(`GET /${long} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`)).toBe(431);
      // only heads are sent, so that nothing but they can have been answered
      const end = "connection: close\r\ncontent-length: 17825792\r\n\r\n";
      expect(await statusOf(HEAD + TOKEN + end)).toBe(413);
      expect(await statusOf(HEAD + end)).toBe(401);
      const change = HEAD.replace(HOOK, "/api/v1/changes");
      expect(await statusOf(`${change}connection: close\r\ncontent-length: 66560\r\n\r\n`)).toBe(413);
      const chunk = `${(66_560).toString(16)}\r\n${" ".repeat(66_560)}\r\n0\r\n\r\n`;
      expect(await statusOf(`${change}connection: close\r\ntransfer-encoding: chunked\r\n\r\n${chunk}`)).toBe(413);
    },
  },
  {
    name: "too slow (slow loris)",
    tried: "Headers that never end, a body of one byte a second, and a connection that says nothing, while others ask.",
    happened:
      "Each was closed, after 10 s (headers, silence) or 30 s (body), and the others were answered all the while.",
    async run({ url, port }) {
      const slow = [
        converse(port, drip("GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx-slow: ", "a"), 1_000),
        converse(port, drip(`${HEAD}${TOKEN}content-length: 1000\r\n\r\n{`, " "), 1_000),
        converse(port, []),
      ];
      const closed = Promise.all(slow);
      let answered = 0;
      do {
        expect((await ask(url, "/-/healthy")).status).toBe(200);
        answered += 1;
      } while ((await Promise.race([closed, pause(1_000, "open" as const)])) === "open");
      for (const { seconds, text } of await closed) {
        expect(seconds).toBeLessThan(LONGEST_S);
        expect([0, 408]).toContain(statusIn(text));
      }
      expect(answered).toBeGreaterThan(1);
    },
  },
  {
    name: "two ends of one request (smuggling)",
    tried:
      "`Content-Length` with `Transfer-Encoding`, two lengths, a length that is no number, blanks before the colon, and line feeds alone.",
    happened: "400, and the connection is closed: what follows is never taken for a request.",
    async run({ port }) {
      const next = "GET /metrics HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n";
      const odd = [
        `content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${next}`,
        `content-length: 4\r\ncontent-length: 5\r\n\r\nabcd${next}`,
        `content-length: 4x\r\n\r\nabcd${next}`,
        `transfer-encoding : chunked\r\n\r\n0\r\n\r\n${next}`,
        `transfer-encoding: xchunked\r\n\r\n0\r\n\r\n${next}`,
        `x-one: 1\ntransfer-encoding: chunked\n\n0\n\n${next}`,
      ];
      for (const rest of odd) {
        const { text } = await converse(port, [HEAD + TOKEN + rest]);
        expect([rest, statusIn(text)]).toEqual([rest, 400]);
        expect(text.match(/HTTP\/1\.1 \d{3}/g)).toHaveLength(1);
        expect(text).not.toContain("# TYPE");
      }
    },
  },
  {
    name: "too many connections",
    tried: `${CONNECTIONS} connections are opened and left open by one client, while others ask.`,
    happened: "The others are answered; a connection that says nothing is closed after 10 s.",
    async run({ url, port }) {
      const sockets: Socket[] = Array.from({ length: CONNECTIONS }, () => connect({ port, host: "127.0.0.1" }));
      try {
        await Promise.all(sockets.map((socket) => once(socket, "connect")));
        for (const path of ["/-/healthy", "/metrics", "/"]) expect((await ask(url, path)).status).toBe(200);
      } finally {
        for (const socket of sockets) socket.destroy();
      }
    },
  },
];
