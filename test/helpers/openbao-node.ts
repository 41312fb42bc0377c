import type { NodePlace } from "./openbao-config.ts";
import type { OpenBaoApi } from "./openbao-api.ts";
import { startProcess, type RunningProcess } from "./process.ts";
import { requireProgram } from "./programs.ts";
import { waitUntil } from "./wait-until.ts";

/** What an initialised cluster is opened with. */
export interface OpenBaoKeys {
  rootToken: string;
  unsealKey: string;
}

const ACTIVE = 200;
const STANDBY = 429;

/** One node of a cluster. */
export class OpenBaoNode {
  /** node-1, node-2, ... */
  readonly id: string;
  readonly url: string;
  /** Host and port for the traffic between the nodes. */
  readonly clusterAddress: string;
  /** The folder of its configuration, its data and its `audit.log`. */
  readonly folder: string;
  readonly #configFile: string;
  readonly #api: OpenBaoApi;
  readonly #keys: OpenBaoKeys;
  #process: RunningProcess | undefined;

  constructor(place: NodePlace, configFile: string, api: OpenBaoApi, keys: OpenBaoKeys) {
    this.id = place.id;
    this.folder = place.folder;
    this.url = `https://127.0.0.1:${place.apiPort}`;
    this.clusterAddress = `127.0.0.1:${place.clusterPort}`;
    this.#configFile = configFile;
    this.#api = api;
    this.#keys = keys;
  }

  /** Starts the process, again on its data when there are any: it is sealed then. */
  async start(): Promise<void> {
    this.#process = await startProcess({
      command: requireProgram("bao"),
      args: ["server", "-config", this.#configFile],
      cwd: this.folder,
      ready: async () => {
        await this.#api.call({ url: this.url, method: "GET", path: "sys/seal-status" });
        return true;
      },
    });
  }

  /** Ends the process; its data stay. */
  async stop(): Promise<void> {
    await this.#process?.stop();
  }

  /** Freezes the process (SIGSTOP): it accepts connections and answers nothing. */
  async pause(): Promise<void> {
    await this.#process?.pause();
  }

  /** Lets a frozen process go on. */
  resume(): void {
    this.#process?.resume();
  }

  /**
   * The status of `sys/health`: 200 active, 429 standby, 501 not initialised, 503 sealed; an error when there is none
   * in 2 s.
   */
  async health(): Promise<number> {
    const path = "sys/health";
    const { status } = await this.#api.call({ url: this.url, method: "GET", path, anyStatus: true, deadlineMs: 2_000 });
    return status;
  }

  /** Seals the node by its API. */
  async seal(): Promise<void> {
    await this.#api.call({ url: this.url, method: "PUT", path: "sys/seal", token: this.#keys.rootToken });
  }

  /** Unseals the node, once it has joined the cluster, and waits until it is active or a standby. */
  async unseal(): Promise<void> {
    const key = { key: this.#keys.unsealKey };
    await waitUntil(`${this.id} takes the unseal key`, () =>
      this.#api.call({ url: this.url, method: "PUT", path: "sys/unseal", body: key }),
    );
    await waitUntil(`${this.id} is active or a standby`, () => this.isUnsealed());
  }

  /** Whether the node is active or a standby. */
  async isUnsealed(): Promise<boolean> {
    return [ACTIVE, STANDBY].includes(await this.health());
  }

  /** The newest part of its log. */
  output(): string {
    return this.#process?.output() ?? "";
  }
}
