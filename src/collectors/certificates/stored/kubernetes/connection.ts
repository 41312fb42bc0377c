import { stat } from "node:fs/promises";
import type { KubeConfig } from "@kubernetes/client-node";
import { Agent, type Dispatcher } from "undici";
import { CollectError } from "../../../../core/errors.ts";
import { Secret } from "../../../../core/secret.ts";
import type { KubernetesEntry } from "./resources.ts";

/** A way to the API with the credentials of this moment. Whoever opens one closes it. */
export interface Link {
  /** URL of the API server, without a slash at the end. */
  readonly server: string;
  /** What goes with every request; the credential among them. */
  readonly headers: Readonly<Record<string, string | Secret>>;
  readonly dispatcher: Dispatcher;
  close(): Promise<void>;
}

interface Loaded {
  readonly config: KubeConfig;
  /** Of the kubeconfig file, when it was read. */
  readonly changedAt: number;
}

/**
 * How a cluster is reached: by a kubeconfig file, which is read again when it changes, or by the service account of the
 * pod. The library is loaded at the first use, since it takes half a second and 90 MB.
 */
export class Connection {
  readonly #entry: Pick<KubernetesEntry, "kubeconfig_file" | "context">;
  #loaded: Loaded | undefined;

  constructor(entry: Pick<KubernetesEntry, "kubeconfig_file" | "context">) {
    this.#entry = entry;
  }

  /** Opens a link. Throws `credential_unreadable` with what is wrong with the kubeconfig or a file that it names. */
  async open(): Promise<Link> {
    const config = await this.#config();
    const { RequestContext, HttpMethod } = await import("@kubernetes/client-node");
    const server = config.getCurrentCluster()?.server;
    if (server === undefined || !URL.canParse(server)) throw this.#unusable("it names no cluster with an address");
    const context = new RequestContext(server, HttpMethod.GET);
    try {
      await config.applySecurityAuthentication(context);
    } catch (thrown) {
      throw this.#unusable(`its credential can not be had: ${reasonOf(thrown)}`);
    }
    // Without settings of its own for TLS there is no dispatcher, and the one of the whole process must not be closed.
    const dispatcher = context.getDispatcher() ?? new Agent();
    return {
      server: server.replace(/\/+$/, ""),
      headers: secretHeaders(context.getHeaders()),
      dispatcher,
      close: () => dispatcher.destroy(),
    };
  }

  /** Lets the next link be made from a fresh look at the files and programs that give the credential. */
  forget(): void {
    this.#loaded = undefined;
  }

  async #config(): Promise<KubeConfig> {
    const { kubeconfig_file: file } = this.#entry;
    const changedAt = file === undefined ? 0 : await this.#changeOf(file);
    if (this.#loaded?.changedAt !== changedAt) this.#loaded = { config: await this.#load(), changedAt };
    return this.#loaded.config;
  }

  async #changeOf(file: string): Promise<number> {
    try {
      return (await stat(file)).mtimeMs;
    } catch (thrown) {
      throw this.#unusable(reasonOf(thrown));
    }
  }

  async #load(): Promise<KubeConfig> {
    const { kubeconfig_file: file, context } = this.#entry;
    const { KubeConfig } = await import("@kubernetes/client-node");
    const config = new KubeConfig();
    if (file === undefined) {
      if (process.env["KUBERNETES_SERVICE_HOST"] === undefined)
        throw this.#unusable("this process runs in no pod; set kubeconfig_file");
      config.loadFromCluster();
      return config;
    }
    try {
      config.loadFromFile(file);
    } catch (thrown) {
      throw this.#unusable(reasonOf(thrown));
    }
    const names = config.getContexts().map(({ name }) => name);
    const wanted = context ?? config.getCurrentContext();
    if (!names.includes(wanted))
      throw this.#unusable(`it has no context ${JSON.stringify(wanted ?? "")}, but ${names.join(", ") || "none"}`);
    config.setCurrentContext(wanted);
    return config;
  }

  #unusable(why: string): CollectError {
    const { kubeconfig_file: file } = this.#entry;
    const what = file === undefined ? "the service account of the pod" : `the kubeconfig ${file}`;
    return new CollectError("credential_unreadable", `${what} is not usable: ${why}`);
  }
}

/** What went wrong by the system's code and path; messages of parsers and programs can quote what they read. */
function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return "it can not be read";
  const { code, path } = thrown as NodeJS.ErrnoException;
  if (code !== undefined) return path === undefined ? code : `${code}, ${path}`;
  if (/^(?:clusters|users|contexts)\[\d+\]\.[\w.]+ is missing$/.test(thrown.message)) return thrown.message;
  return thrown.name === "YAMLException" || thrown instanceof TypeError
    ? "it is no YAML of a kubeconfig"
    : "a program or file that it names does not give what it should";
}

function secretHeaders(headers: Readonly<Record<string, string>>): Record<string, string | Secret> {
  const entries = Object.entries(headers).map(([name, value]): [string, string | Secret] => {
    // A token's file ends with a line break, which no header can hold.
    const text = value.trim();
    return [name.toLowerCase(), name.toLowerCase() === "authorization" ? new Secret(text) : text];
  });
  return Object.fromEntries(entries);
}
