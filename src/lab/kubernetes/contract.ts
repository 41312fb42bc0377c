import type { Authority } from "../certificates.ts";

/** What an emulated cluster is started with. */
export interface KubernetesLabOptions {
  /** Signs the server's certificate; one of its own unless given. */
  readonly authority?: Authority;
  /** A free one (0) unless given. */
  readonly port?: number;
}

/** What a credential may do, in the words of an RBAC role; `*` stands for everything. */
export interface KubernetesRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** Only there; in every namespace and for what is in none without it. */
  readonly namespace?: string;
}

/** An object of the API, such as a Secret. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: KubernetesMetadata;
  readonly [field: string]: unknown;
}

/** What is told of every object. */
export interface KubernetesMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly resourceVersion?: string;
  readonly uid?: string;
  readonly [field: string]: unknown;
}

/** What is wrong with the API server. */
export type KubernetesFault =
  /** It takes requests and never answers; watches that are open are muted. */
  | { readonly kind: "hang" }
  | {
      readonly kind: "status";
      readonly status: number;
      readonly retryAfterSeconds?: number;
      /** Only requests whose path begins so. */
      readonly path?: string;
    }
  /** Its next events are no JSON. */
  | { readonly kind: "garbage" };

/** An emulated Kubernetes API on loopback, over HTTPS, with what is needed to follow objects that hold certificates. */
export interface KubernetesLab {
  readonly url: string;
  readonly caPem: string;
  /** A bearer token that may do everything. */
  readonly token: string;
  /** The newest requests, as method, space, path and query; at most 1000. */
  readonly requests: readonly string[];
  /** How many watches are open. */
  readonly watches: number;
  /** Makes a bearer token that may do only this. */
  grant(rules: readonly KubernetesRule[]): string;
  /**
   * Forgets every change so far, so that whoever watches from an older version has to list again, and ends all watches.
   */
  forget(): void;
  /** Ends all watches, as a restarted proxy does. */
  cutWatches(): void;
  /** Lets the open watches say nothing any more and never end, as through connections that died without a word. */
  muteWatches(): void;
  /** Sends every watch the present version. */
  bookmark(): void;
  setFault(fault: KubernetesFault | undefined): void;
  /** Closes the port and drops all connections; the objects stay. */
  stop(): Promise<void>;
  /** Opens the port again. */
  start(): Promise<void>;
  close(): Promise<void>;
}
