import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { once } from "node:events";
import { STATUS_CODES } from "node:http";
import { SMTPServer } from "smtp-server";
import { WebSocketServer } from "ws";
import { createAuthority, type Authority } from "../../src/lab/certificates.ts";
import type { LabAnswer, LabRequest } from "../../src/lab/exchange.ts";
import { startLabServer, type LabServer } from "../../src/lab/server.ts";

/** Ways in which a server may give back what it was sent. */
export const ECHOES = ["refusal", "redirect", "breakdown", "answer", "forbidden"] as const;

/** One of {@link ECHOES}. */
export type Echo = (typeof ECHOES)[number];

/** Servers that refuse or fail, and tell in each answer all that they were sent, credentials included. */
export interface EchoLab {
  readonly authority: Authority;
  /** HTTP and HTTPS with a WebSocket, without a slash at the end. */
  readonly plain: LabServer;
  readonly secure: LabServer;
  /** HTTPS with a certificate that nobody trusts. */
  readonly untrusted: LabServer;
  /** Takes spans, and keeps them. */
  readonly spans: LabServer;
  readonly mailPort: number;
  /** PostgreSQL that names the password which it refuses. */
  readonly databasePort: number;
  /** How HTTP requests are answered from now on. */
  setEcho(echo: Echo): void;
  close(): Promise<void>;
}

/** Starts them all on free ports of 127.0.0.1. */
export async function startEchoLab(): Promise<EchoLab> {
  const [authority, stranger] = await Promise.all([createAuthority(), createAuthority()]);
  let echo: Echo = "refusal";
  const handler = (request: LabRequest): LabAnswer => ANSWERS[echo](echoOf(request), request);
  const sockets = new WebSocketServer({ noServer: true });
  sockets.on("connection", (socket) => {
    socket.on("message", (data: Buffer) => {
      const { id = null } = JSON.parse(data.toString()) as { id?: unknown };
      const said = `no such login: ${data.toString()}`;
      const error = { code: -32001, message: said, data: { reason: said, error: 13, errname: "EACCES" } };
      socket.send(JSON.stringify({ jsonrpc: "2.0", id, error }));
    });
  });
  const upgrade: Parameters<typeof startLabServer>[0]["upgrade"] = (_, incoming, socket, head) =>
    sockets.handleUpgrade(incoming, socket, head, (opened) => sockets.emit("connection", opened, incoming));
  const [plain, secure, untrusted, spans] = await Promise.all([
    startLabServer({ handler }),
    startLabServer({ handler, authority, upgrade }),
    startLabServer({ handler, authority: stranger, upgrade }),
    startLabServer({ handler: () => ({ status: 200, body: "{}" }) }),
  ]);
  const [mail, database] = [echoingMail(), echoingDatabase()];
  const [mailPort, databasePort] = await Promise.all([portOf(mail.server), portOf(database)]);
  return {
    authority,
    plain,
    secure,
    untrusted,
    spans,
    mailPort,
    databasePort,
    setEcho: (next) => void (echo = next),
    async close() {
      sockets.close();
      for (const socket of sockets.clients) socket.terminate();
      await Promise.all([plain, secure, untrusted, spans].map((server) => server.close()));
      await new Promise<void>((closed) => mail.close(closed));
      database.close();
    },
  };
}

async function portOf(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** What came, as a server's log would have it: as it is, decoded from Base64 and from the encoding of URLs. */
function echoOf({ method, target, headers, body }: LabRequest): string {
  const { authorization = "", ...others } = headers;
  const basic = /^Basic (.*)/.exec(authorization)?.[1] ?? "";
  const decoded = Buffer.from(basic, "base64").toString();
  return `bad credentials: ${authorization} ${decoded} ${JSON.stringify(others)} of ${method} ${target} ${decodeURIComponent(target.replace(/%(?![0-9a-f]{2})/gi, "%25"))} ${body}`;
}

const JSON_TYPE = { "content-type": "application/json" };

/** The sentence is at each of the places where some API has it. */
const inJson = (said: string): string =>
  JSON.stringify({
    ok: false,
    message: said,
    description: said,
    detail: said,
    error: { type: said, reason: said, root_cause: [{ type: "x", reason: said }] },
    errors: [said],
    title: said,
  });

const ANSWERS: Readonly<Record<Echo, (said: string, request: LabRequest) => LabAnswer>> = {
  refusal: (said) => ({
    status: 401,
    statusMessage: oneLine(said),
    headers: { ...JSON_TYPE, "www-authenticate": `Basic realm=${JSON.stringify(oneLine(said))}` },
    body: JSON.stringify({ ok: false, error: said, errors: { token: said }, message: said, code: said }),
  }),
  redirect: (said) => ({
    status: 302,
    headers: {
      location: `https://${encodeURIComponent(said).slice(0, 40)}.example.org/login?back=${encodeURIComponent(said)}`,
    },
  }),
  breakdown: (said) => ({
    status: 500,
    headers: { "content-type": "text/html" },
    body: `<html><title>${STATUS_CODES[500] ?? ""}</title><pre>${said}</pre>`,
  }),
  answer: (said, { body }) => ({
    status: 200,
    headers: JSON_TYPE,
    body: JSON.stringify({ ok: false, error: said, data: said, result: [said], message: said, sent: body }),
  }),
  forbidden: (said) => ({
    status: 403,
    headers: JSON_TYPE,
    body: inJson(`${said} ${Buffer.from(said).toString("base64")} ${encodeURIComponent(said)}`),
  }),
};

/** What a header or a status line can hold. */
const oneLine = (text: string): string => text.replace(/[^\x20-\x7e]/g, " ").slice(0, 2_000);

function echoingMail(): SMTPServer {
  return new SMTPServer({
    secure: false,
    disabledCommands: ["STARTTLS"],
    allowInsecureAuth: true,
    authMethods: ["PLAIN", "LOGIN"],
    onAuth: ({ username = "", password = "" }, _, answer) => {
      const pair = Buffer.from(`\0${username}\0${password}`).toString("base64");
      answer(
        Object.assign(new Error(`535 ${username} with ${password} (${pair}) is not known`), { responseCode: 535 }),
      );
    },
  });
}

/**
 * Speaks as much of the protocol as a login by password takes:
 * https://www.postgresql.org/docs/current/protocol-flow.html
 */
function echoingDatabase(): Server {
  const message = (type: string, body: Buffer): Buffer => {
    const head = Buffer.alloc(5);
    head.write(type, 0, "latin1");
    head.writeInt32BE(body.length + 4, 1);
    return Buffer.concat([head, body]);
  };
  const wantsPassword = message("R", Buffer.from([0, 0, 0, 3]));
  return createServer((socket: Socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (data) => {
      if (data.readInt32BE(0) === 8) return void socket.write("N");
      if (data.toString("latin1", 0, 1) !== "p") return void socket.write(wantsPassword);
      const said = `password ${data.toString("utf8", 5, data.length - 1)} is wrong`;
      const fields = `SFATAL\0VFATAL\0C28P01\0M${said}\0D${said}\0H${said}\0\0`;
      return void socket.end(message("E", Buffer.from(fields)));
    });
  });
}
