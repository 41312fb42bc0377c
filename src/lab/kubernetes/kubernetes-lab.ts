import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { Socket } from "node:net";
import { createAuthority } from "../certificates.ts";
import { Access } from "./access.ts";
import { Refusal, sendRefusal } from "./answers.ts";
import type { KubernetesFault, KubernetesLab, KubernetesLabOptions } from "./contract.ts";
import { answerRequest, type LabState } from "./requests.ts";
import { Store } from "./store.ts";
import { Watches } from "./watches.ts";

const HOST = "127.0.0.1";
const REQUESTS_KEPT = 1_000;

/**
 * Starts an emulated Kubernetes API: Secrets, ConfigMaps, webhook configurations, API services,
 * CustomResourceDefinitions and the kinds that these define. Objects are changed through the API itself, as in a real
 * cluster.
 */
export async function startKubernetesLab(options: KubernetesLabOptions = {}): Promise<KubernetesLab> {
  const authority = options.authority ?? (await createAuthority());
  const { certificatePem, keyPem } = await authority.issue({ hosts: [HOST, "localhost"] });
  const api = new LabApi(createServer({ cert: certificatePem, key: keyPem }), authority.certificatePem);
  await api.start(options.port ?? 0);
  return api;
}

class LabApi implements KubernetesLab {
  readonly caPem: string;
  readonly token: string;
  readonly requests: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #state: LabState;
  #fault: KubernetesFault | undefined;
  #port = 0;

  constructor(server: Server, caPem: string) {
    const store = new Store();
    this.#state = { store, watches: new Watches(store), access: new Access() };
    this.#server = server.on("request", (incoming, response) => void this.#answer(incoming, response));
    // also those that are still in their handshake, which the server does not count among its connections
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    this.caPem = caPem;
    this.token = this.grant([{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }]);
  }

  get url(): string {
    return `https://${HOST}:${this.#port}`;
  }

  get watches(): number {
    return this.#state.watches.size;
  }

  grant: KubernetesLab["grant"] = (rules) => this.#state.access.grant(rules);

  forget(): void {
    this.#state.store.forget();
    this.#state.watches.cut();
  }

  cutWatches(): void {
    this.#state.watches.cut();
  }

  muteWatches(): void {
    this.#state.watches.mute();
  }

  bookmark(): void {
    this.#state.watches.bookmark();
  }

  setFault(fault: KubernetesFault | undefined): void {
    this.#fault = fault;
    this.#state.watches.isGarbled = fault?.kind === "garbage";
    if (fault?.kind === "hang") this.muteWatches();
  }

  async start(port = this.#port): Promise<void> {
    this.#server.listen(port, HOST);
    await once(this.#server, "listening");
    const address = this.#server.address();
    if (address !== null && typeof address === "object") this.#port = address.port;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  close(): Promise<void> {
    return this.stop();
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests.push(`${incoming.method} ${incoming.url}`);
    if (this.requests.length > REQUESTS_KEPT) this.requests.shift();
    const fault = this.#fault;
    if (fault?.kind === "hang") return;
    if (fault?.kind === "status" && incoming.url?.startsWith(fault.path ?? "/")) {
      const { status, retryAfterSeconds } = fault;
      const wait = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
      return sendRefusal(response, new Refusal(status, "InternalError", "the lab says so"), wait);
    }
    try {
      await answerRequest(this.#state, incoming, response);
    } catch (thrown) {
      if (!response.headersSent) sendRefusal(response, new Refusal(500, "InternalError", `lab: ${String(thrown)}`));
    }
  }
}
