import { afterEach, describe, expect, it } from "vitest";
import { milliseconds, seconds } from "../../core/duration.ts";
import type { CollectReason } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { ENCODED, findLeaks, play, PLANTED, QUERY } from "./__fixtures__/failures.ts";
import type { Scenario } from "./__fixtures__/failures.ts";
import { closeServers, findClosedPort, startTcp } from "./__fixtures__/servers.ts";
import { createHttpClient } from "./client.ts";

afterEach(closeServers);

const short = { timeouts: { connect: seconds(5), headers: seconds(5), total: milliseconds(300) } };
const long = "x".repeat(5_000);

/** A scenario of a server that sends fixed text, in which ECHO stands for the bytes of the request. */
function answer(name: string, reason: CollectReason, text: string, message?: RegExp): Scenario {
  const start: Scenario["start"] = async () => {
    const server = await startTcp((socket, bytes) => {
      const [head = ""] = bytes.toString("latin1").split("\r\n\r\n");
      const [, body = ""] = bytes.toString("utf8").split("\r\n\r\n");
      const line = `${PLANTED} ${body} ${head}`.replaceAll(/[\r\n]+/g, " ").replaceAll('"', "'");
      socket.end(text.replaceAll("ECHO", line), "utf8");
    });
    return { url: `${server.origin}/v1/path`, server };
  };
  return { name, reason, start, ...(message && { message }) };
}

/** A scenario of an HTTP server that answers a status with an error body that echoes the request. */
function status(code: number, reason: CollectReason, message?: RegExp): Scenario {
  const body = `{"errors":["refused: ECHO"]}`;
  return answer(`status ${code}`, reason, `HTTP/1.1 ${code} X\r\nconnection: close\r\n\r\n${body}`, message);
}

const SCENARIOS: readonly Scenario[] = [
  {
    name: "an unknown name",
    reason: "dns_failure",
    // A label of 64 characters is refused before any name server is asked.
    start: async () => ({ url: `http://${"x".repeat(64)}.invalid/v1/path` }),
  },
  {
    name: "a closed port",
    reason: "connection_refused",
    start: async () => ({ url: `http://127.0.0.1:${await findClosedPort()}/v1/path` }),
  },
  {
    name: "a name with several addresses, all of which refuse",
    reason: "connection_refused",
    start: async () => ({ url: `http://localhost:${await findClosedPort()}/v1/path` }),
  },
  {
    name: "an address that can not be connected to",
    reason: "connection_failed",
    // A broadcast address: the kernel refuses it before any packet leaves.
    start: async () => ({ url: "http://255.255.255.255:9/v1/path" }),
  },
  answer("a connection closed without a byte", "connection_reset", ""),
  answer("a body shorter than announced", "connection_reset", "HTTP/1.1 200 OK\r\ncontent-length: 3000\r\n\r\nECHO"),
  answer(
    "a body shorter than announced on a closing connection",
    "connection_reset",
    "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 3000\r\n\r\nECHO",
  ),
  answer(
    "a chunked body without its end",
    "connection_reset",
    "HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n4\r\n[1,2\r\n",
  ),
  {
    name: "a reset in the body",
    reason: "connection_reset",
    start: async () => {
      const server = await startTcp((socket) => {
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{", () => socket.resetAndDestroy());
      });
      return { url: server.origin };
    },
  },
  {
    name: "a server that hangs before its headers",
    reason: "timeout",
    message: /no complete answer within 300ms/,
    start: async () => {
      const server = await startTcp(() => {});
      return { url: server.origin, options: short };
    },
  },
  {
    name: "headers that do not come in time",
    reason: "timeout",
    message: /no answer within 100ms/,
    start: async () => {
      const server = await startTcp(() => {});
      return { url: server.origin, options: { timeouts: { headers: milliseconds(100) } } };
    },
  },
  {
    name: "a TLS handshake that does not come to an end",
    reason: "timeout",
    message: /no connection within 100ms/,
    start: async () => {
      const server = await startTcp(() => {});
      const url = server.origin.replace("http:", "https:");
      return { url, options: { timeouts: { connect: milliseconds(100) } } };
    },
  },
  {
    name: "a server that hangs after its headers",
    reason: "timeout",
    start: async () => {
      const server = await startTcp((socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{"));
      return { url: server.origin, options: short };
    },
  },
  {
    name: "a server that drips",
    reason: "timeout",
    start: async () => {
      const server = await startTcp((socket) => {
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 3000\r\n\r\n");
        const drip = setInterval(() => socket.write("1"), 20);
        socket.on("close", () => clearInterval(drip));
      });
      return { url: server.origin, options: short };
    },
  },
  status(400, "unexpected_status", /status 400: refused: <redacted> \{'login'/),
  status(401, "unauthorized"),
  status(403, "forbidden"),
  status(404, "not_found"),
  status(418, "unexpected_status"),
  status(429, "rate_limited"),
  status(500, "server_error"),
  status(502, "server_error"),
  status(503, "server_error"),
  answer(
    "a sentence in the status line",
    "forbidden",
    "HTTP/1.1 403 Permission check failed (/, Sys.Audit)\r\ncontent-length: 0\r\n\r\n",
    /: status 403: Permission check failed \(\/, Sys\.Audit\)$/,
  ),
  answer("an echo in the status line", "server_error", "HTTP/1.1 595 ECHO\r\ncontent-length: 0\r\n\r\n", /<redacted>/),
  answer("a usual status line", "not_found", "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", /: status 404$/),
  answer(
    "a redirect",
    "unexpected_status",
    `HTTP/1.1 302 Found\r\nlocation: https://login.example:8443/sign-in${QUERY}\r\ncontent-length: 0\r\n\r\n`,
    /: status 302, a redirect to https:\/\/login\.example:8443$/,
  ),
  answer(
    "a redirect to the same server",
    "unexpected_status",
    `HTTP/1.1 307 X\r\nlocation: /sign-in${QUERY}\r\ncontent-length: 0\r\n\r\n`,
    /: status 307, a redirect to another path of the same server$/,
  ),
  answer(
    "a body that is announced too large",
    "body_too_large",
    `HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\nECHO${long}`,
    /5000 bytes announced/,
  ),
  answer(
    "a body that turns out too large",
    "body_too_large",
    `HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nECHO${long}`,
  ),
  answer("something that is not HTTP", "invalid_response", "SSH-2.0-OpenSSH_9 ECHO\r\n"),
  answer("TLS on a plain port", "invalid_response", "\x15\x03\x01\x00\x02\x02\x46ECHO", /must begin with https:\/\//),
  answer("a broken chunk", "invalid_response", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nECHO"),
  answer("an upgrade", "invalid_response", "HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: ECHO\r\n\r\n"),
  answer("headers without end", "invalid_response", `HTTP/1.1 200 OK\r\nx: ECHO${long.repeat(5)}\r\n\r\n`),
  answer(
    "compression",
    "invalid_response",
    "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\nECHO",
  ),
  answer(
    "HTML",
    "invalid_response",
    "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n<!DOCTYPE html><p>ECHO",
    /: HTML instead of JSON$/,
  ),
  answer("plain text", "invalid_response", "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nECHO", /: not JSON$/),
  answer(
    "truncated JSON",
    "invalid_response",
    'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{"a":"ECHO',
    /JSON that is cut off after \d+ characters$/,
  ),
  answer(
    "truncated JSON after a value",
    "invalid_response",
    'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{"a":{"b":1}',
    /JSON that is cut off after 12 characters$/,
  ),
  answer(
    "malformed JSON",
    "invalid_response",
    'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{"a" "ECHO"}',
    /: not JSON \(at character 6 of \d+\)$/,
  ),
  answer(
    "JSON of too many levels",
    "unexpected_shape",
    `HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n${"[".repeat(600)}"ECHO"${"]".repeat(600)}`,
    /: JSON of more than 500 levels$/,
  ),
  answer(
    "a sentence that is too deep to be one",
    "server_error",
    `HTTP/1.1 500 X\r\nconnection: close\r\n\r\n${'{"error":'.repeat(400)}"ECHO"${"}".repeat(400)}`,
    /: status 500: X$/,
  ),
  answer("nothing", "invalid_response", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", /empty answer instead of JSON/),
  { name: "a malformed URL", reason: "internal", start: async () => ({ url: "http://[::1/v1/path" }) },
  { name: "an URL of another scheme", reason: "internal", start: async () => ({ url: "ftp://127.0.0.1/v1/path" }) },
  {
    name: "a password in the URL",
    reason: "internal",
    start: async () => ({ url: `http://user:${ENCODED}@127.0.0.1/v1/path` }),
  },
  {
    name: "a secret with a line break in a header",
    reason: "credential_unreadable",
    message: /header x-token holds a line break/,
    request: { headers: { "x-token": new Secret(`${PLANTED}\n`) } },
    start: async () => ({ url: "http://127.0.0.1:1/v1/path" }),
  },
  {
    name: "a header that can not be sent",
    reason: "internal",
    request: { headers: { "x-token": `${PLANTED}\r\nx: y` } },
    start: async () => ({ url: "http://127.0.0.1:1/v1/path" }),
  },
  {
    name: "a header with a malformed name",
    reason: "internal",
    request: { headers: { [PLANTED]: "x" } },
    start: async () => ({ url: "http://127.0.0.1:1/v1/path" }),
  },
];

describe("every failure has one reason and shows no secret", () => {
  it.each(SCENARIOS)("$name: $reason", async (scenario) => {
    const error = await play(scenario);
    expect(error.reason).toBe(scenario.reason);
    expect(error.message).toMatch(/^GET(?: [a-z]+:\/\/[^/]+\/[^?]*)?: /);
    expect(error.message).toMatch(scenario.message ?? /./);
    expect(findLeaks(error)).toEqual([]);
  });

  it("sends the secret in header, query and body", async () => {
    const got = Promise.withResolvers<string>();
    const server = await startTcp((socket, bytes) => {
      got.resolve(bytes.toString("latin1"));
      socket.end("HTTP/1.1 204 No Content\r\n\r\n");
    });
    const client = createHttpClient();
    const headers = { authorization: new Secret(`Bearer ${PLANTED}`) };
    await client.requestJson({ url: `${server.origin}/${QUERY}`, headers, body: { password: new Secret(PLANTED) } });
    const sent = await got.promise;
    expect(sent).toContain(`authorization: Bearer ${PLANTED}`);
    expect(sent).toContain(ENCODED);
    expect(Buffer.from(sent, "latin1").toString("utf8")).toContain(`{"password":"${PLANTED}"}`);
    await client.close();
  });
});
