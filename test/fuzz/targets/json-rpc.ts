import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import fc from "fast-check";
import { WebSocketServer, type WebSocket } from "ws";
import { z } from "zod";
import type { TrueNasClient } from "../../../src/collectors/truenas/client.ts";
import { trueNasConfig } from "../../../src/collectors/truenas/config.ts";
import { createTrueNasClient } from "../../../src/collectors/truenas/session/connect.ts";
import { milliseconds, minutes } from "../../../src/core/duration.ts";
import { COLLECT_REASONS, CollectError } from "../../../src/core/errors.ts";
import { createAuthority } from "../../../src/lab/certificates.ts";
import { createTemporaryFolder } from "../../helpers/janitor.ts";
import { waitUntil } from "../../helpers/wait-until.ts";
import { jsonForm } from "../forms.ts";
import { oddValue } from "../mutate-tree.ts";
import { defineTarget, must } from "../target.ts";

/** What the server says, once a message of the client came; `$id` in a text is that message's id. */
type Frame =
  | { readonly kind: "text" | "binary" | "half"; readonly text: string }
  | { readonly kind: "close"; readonly code: number }
  /** Bytes on the socket that are no frame, in base64. */
  | { readonly kind: "raw"; readonly bytes: string }
  | { readonly kind: "drop" | "ping" | "right" };

interface Script {
  /** Body of the answer to the question for versions of the API. */
  readonly versions: string;
  /** Frames for each message of the client, in their order; what comes after the last is left without an answer. */
  readonly answers: readonly (readonly Frame[])[];
}

const VERSIONS = ['["v25.04.0","v25.10.1"]', '["v26.0.0"]'];
const KEY = "1-planted0123456789abcdef";

const error = fc.record(
  { code: fc.oneof(fc.integer(), oddValue), message: oddValue, data: oddValue },
  { requiredKeys: [] },
);
const id = fc.oneof(
  { weight: 6, arbitrary: fc.constant("$id") },
  fc.constantFrom<unknown>(null, 0, -1, 1e300, "x", "1", [], {}),
);
const event = fc.record(
  {
    msg: fc.constantFrom("changed", "added", "removed"),
    collection: fc.oneof(fc.constant("pool.query"), oddValue),
    fields: oddValue,
  },
  { requiredKeys: [] },
);
/** Messages of both protocols, right in form and odd in content. */
const message: fc.Arbitrary<unknown> = fc.oneof(
  fc.record({
    jsonrpc: fc.constant("2.0"),
    id,
    result: fc.oneof(
      oddValue,
      fc.constantFrom<unknown>(
        true,
        { response_type: "SUCCESS" },
        { response_type: "AUTH_ERR" },
        { response_type: "SCRAM_RESPONSE", rfc_str: "r=x,s=QQ==,i=4294967295" },
      ),
    ),
  }),
  fc.record({ jsonrpc: fc.constant("2.0"), id, error: fc.oneof(error, oddValue) }),
  fc.record({
    jsonrpc: fc.constant("2.0"),
    method: fc.constantFrom("collection_update", "notify_unsubscribed", "x"),
    params: fc.oneof(event, oddValue),
  }),
  fc.record(
    {
      msg: fc.constantFrom("connected", "failed", "error", "ready", "nosub", "ping", "changed"),
      id,
      subs: fc.array(id, { maxLength: 2 }),
      error,
    },
    { requiredKeys: ["msg"] },
  ),
  fc.record({ msg: fc.constant("result"), id, result: oddValue, error }, { requiredKeys: ["msg", "id"] }),
  oddValue,
);
const text = fc.oneof(
  { weight: 5, arbitrary: message.map((value) => JSON.stringify(value) ?? "") },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 30 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("", "{", "[".repeat(50_000), '{"jsonrpc":"2.0","id":"$id","result":', "\u0000"),
  },
);
const frame: fc.Arbitrary<Frame> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom("text" as const, "binary" as const), text }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("right" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("half" as const), text }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("close" as const),
      code: fc.constantFrom(1000, 1001, 1009, 1011, 3000, 4999),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("drop" as const, "ping" as const) }) },
  {
    weight: 1,
    arbitrary: fc
      .uint8Array({ minLength: 1, maxLength: 20 })
      .map((bytes) => ({ kind: "raw" as const, bytes: Buffer.from(bytes).toString("base64") })),
  },
);
const script: fc.Arbitrary<Script> = fc.record({
  versions: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...VERSIONS) },
    { weight: 1, arbitrary: oddValue.map((value) => JSON.stringify(value) ?? "") },
    { weight: 1, arbitrary: fc.constantFrom("", "<html>", '["v1","vx"]', '["v99.99.99"]') },
  ),
  answers: fc.array(fc.array(frame, { maxLength: 3 }), { maxLength: 8 }),
});

/** A server of TrueNAS' API that follows a script. */
class ScriptedServer {
  readonly #https: Server;
  script: Script = { versions: "", answers: [] };
  #next = 0;

  constructor(https: Server) {
    this.#https = https;
    const upgrades = new WebSocketServer({ noServer: true });
    https.on("request", (_request, response) => {
      response.setHeader("content-type", "application/json");
      response.end(this.script.versions);
    });
    https.on("upgrade", (request, connection, head) =>
      upgrades.handleUpgrade(request, connection, head, (socket) => {
        socket.on("error", () => {});
        socket.on("message", (data: Buffer) => this.#answer(socket, connection, data.toString()));
      }),
    );
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#https.address() as AddressInfo).port}`;
  }

  play(script: Script): void {
    this.script = script;
    this.#next = 0;
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#https.close(() => resolve());
    this.#https.closeAllConnections();
    await promise;
  }

  #answer(socket: WebSocket, connection: Duplex, said: string): void {
    for (const frame of this.script.answers[this.#next++] ?? []) {
      if (socket.readyState === socket.OPEN) send(frame, socket, connection, said);
    }
  }
}

function send(frame: Frame, socket: WebSocket, connection: Duplex, said: string): void {
  const { id } = JSON.parse(said) as { readonly id?: unknown };
  switch (frame.kind) {
    case "text":
    case "binary":
    case "half": {
      const text = frame.text.replaceAll('"$id"', JSON.stringify(id ?? null));
      return socket.send(text, { fin: frame.kind !== "half", binary: frame.kind === "binary" });
    }
    case "right":
      return socket.send(rightAnswer(said));
    case "close":
      return socket.close(frame.code);
    case "drop":
      return socket.terminate();
    case "ping":
      return socket.ping();
    case "raw":
      return void connection.write(Buffer.from(frame.bytes, "base64"));
  }
}

/** As a server answers that takes every login, in the protocol of the question. */
function rightAnswer(said: string): string {
  const { id, msg, method } = JSON.parse(said) as Readonly<Record<string, unknown>>;
  if (msg === "connect") return JSON.stringify({ msg: "connected", session: "x" });
  const login = method === "auth.login_ex" ? { response_type: "SUCCESS" } : true;
  const result = String(method).startsWith("auth.") ? login : { version: "25.10.1" };
  return JSON.stringify(msg === undefined ? { jsonrpc: "2.0", id, result } : { msg: "result", id, result });
}

const GOOD: Script = { versions: VERSIONS[0] ?? "", answers: Array.from({ length: 200 }, () => [{ kind: "right" }]) };

const shape = z.object({ version: z.string() });
const PATIENCE = milliseconds(40);

/** An answer of the right shape, or an error with a reason for people; nothing else. */
async function mustSettle(asked: Promise<unknown>): Promise<void> {
  try {
    await asked;
  } catch (thrown) {
    if (!(thrown instanceof CollectError)) throw thrown;
    must(
      Object.hasOwn(COLLECT_REASONS, thrown.reason) && thrown.reason !== "internal",
      `${thrown.reason}: ${thrown.message}`,
    );
    must(!thrown.message.includes(KEY), `the key is shown: ${thrown.message}`);
  }
}

async function useOf(client: TrueNasClient): Promise<void> {
  const signal = AbortSignal.timeout(60_000);
  const call = { method: "system.info", shape, signal, timeout: PATIENCE };
  client.latest("reporting.realtime");
  await Promise.all([
    mustSettle(client.call(call)),
    mustSettle(client.watched({ ...call, method: "pool.query" }, "pool.query", minutes(1))),
    mustSettle(client.call({ ...call, method: "alert.list" })),
  ]);
  await mustSettle(client.call(call));
}

export const jsonRpc = defineTarget<Script>({
  name: "json-rpc",
  property:
    "Whatever a TrueNAS server sends, each call ends in an answer or an error with a reason, and the session works again when the server does.",
  async open() {
    const authority = await createAuthority();
    const leaf = await authority.issue({ hosts: ["127.0.0.1"] });
    const https = createServer({ cert: leaf.certificatePem, key: leaf.keyPem });
    const { promise: listening, resolve } = Promise.withResolvers<void>();
    https.listen(0, "127.0.0.1", resolve);
    await listening;
    const folder = await createTemporaryFolder("fuzz-rpc");
    const caFile = join(folder.path, "ca.pem");
    await writeFile(caFile, authority.certificatePem);
    const server = new ScriptedServer(https);
    const config = trueNasConfig.parse({ name: "nas", url: server.url, api_key: KEY, ca_file: caFile });
    const wait = milliseconds(2);
    const pace = { open: milliseconds(300), firstWait: wait, lastWait: wait, refusedWait: wait, openings: 10_000 };
    return {
      inputs: script,
      form: jsonForm(),
      async check(input) {
        server.play(input);
        const client = await createTrueNasClient(config, pace);
        try {
          await useOf(client);
          server.play(GOOD);
          const call = { method: "system.info", shape, signal: AbortSignal.timeout(60_000) };
          const answer = await waitUntil("the session works again", () => client.call(call), {
            deadlineMs: 60_000,
            everyMs: 5,
          });
          must(answer.version === "25.10.1", "another answer came");
        } finally {
          await client.close();
        }
      },
      async close() {
        await server.close();
        await folder.remove();
      },
    };
  },
});
