import { minutes, type Duration } from "../../../../core/duration.ts";
import { CollectError } from "../../../../core/errors.ts";
import { untilAborted } from "../../../../lib/http/deadline.ts";
import { moment } from "../../../../lib/times.ts";
import { passphrasePair } from "../../config.ts";
import { expiryOf } from "../../expiry.ts";
import type { Bundle, SourceKind, SourceReading, StoredSource } from "../../inventory.ts";
import type { CertificateReader } from "../../x509/certificate-reader.ts";
import { readCaBundles } from "./ca-bundles.ts";
import { checkKubernetes } from "./check.ts";
import { Connection } from "./connection.ts";
import { keyTest, type Contents, type ReadingContext } from "./contents.ts";
import { Follower, PATIENCE, type FollowerOptions, type Patience, type Trouble } from "./follower.ts";
import { readConfigMap, readSecretObject } from "./key-values.ts";
import { readManaged } from "./managed-certificates.ts";
import { RBAC_FILE } from "./rbac.ts";
import { collectionsOf, type Collection, type KubernetesEntry, type ReadKind, type Resource } from "./resources.ts";

/** How patient a source is; a test's own, else the usual. */
export interface KubernetesPatience extends Patience {
  /** What was known of a kind is taken for true so long after contact was lost. */
  readonly staleAfter: Duration;
}

const EVERY = minutes(1);
const STALE_AFTER = minutes(3);
const SOURCE_KINDS: Readonly<Record<ReadKind, SourceKind>> = {
  secrets: "kube-secret",
  configmaps: "kube-configmap",
  cabundles: "kube-cabundle",
  certificates: "kube-certificate",
};

/**
 * Makes the source of one cluster. It follows the objects by list and watch from the first read on, and keeps of them
 * only what was parsed; a read gives what is known at that moment.
 */
export function openKubernetes(
  entry: KubernetesEntry,
  reader: Pick<CertificateReader, "read">,
  patience: KubernetesPatience = { ...PATIENCE, staleAfter: STALE_AFTER },
): StoredSource {
  return new KubernetesSource(entry, reader, patience);
}

class KubernetesSource implements StoredSource {
  readonly kind: SourceKind;
  readonly name: string;
  readonly every = EVERY;
  readonly #entry: KubernetesEntry;
  readonly #staleAfter: Duration;
  readonly #context: ReadingContext;
  readonly #followers: readonly Follower<Contents>[];

  constructor(entry: KubernetesEntry, reader: Pick<CertificateReader, "read">, patience: KubernetesPatience) {
    this.kind = SOURCE_KINDS[entry.read[0] ?? "secrets"];
    this.name = entry.name;
    this.#entry = entry;
    this.#staleAfter = patience.staleAfter;
    const connection = new Connection(entry);
    const context = contextOf(entry, reader);
    this.#context = context;
    this.#followers = collectionsOf(entry).map(
      (collection) =>
        new Follower({
          collection,
          connection,
          patience,
          read: readerOf(collection, context),
          isLocked: ({ bundles }) =>
            bundles.some(({ faults }) => faults.some(({ reason }) => reason === "wrong_passphrase")),
        }),
    );
  }

  async read(signal: AbortSignal): Promise<SourceReading> {
    for (const follower of this.#followers) follower.start();
    await untilAborted(Promise.all(this.#followers.map(({ settled }) => settled)), signal);
    const troubles = this.#followers.flatMap(({ trouble }) => trouble ?? []);
    const [first] = troubles;
    if (first !== undefined && troubles.length === this.#followers.length) throw worst(troubles);
    const contents = this.#followers.flatMap((follower) => (this.#isStale(follower) ? [] : follower.contents));
    const managed = contents.flatMap(({ managed }) => managed ?? []);
    return {
      bundles: withRenewalTimes(contents),
      missing: this.#missing(),
      ...(this.#entry.read.includes("certificates") && { managed }),
    };
  }

  check(signal: AbortSignal): ReturnType<typeof checkKubernetes> {
    return checkKubernetes(this.#entry, signal);
  }

  async close(): Promise<void> {
    await Promise.all(this.#followers.map((follower) => follower.stop()));
  }

  #isStale({ trouble }: Follower<Contents>): boolean {
    return trouble !== undefined && Date.now() - trouble.since >= this.#staleAfter;
  }

  /** Each kind and namespace once, although Secrets are followed by their types. */
  #missing(): SourceReading["missing"] {
    const errors = new Map<string, CollectError>();
    for (const follower of this.#followers) {
      const { collection, trouble } = follower;
      if (trouble !== undefined && !errors.has(collection.piece))
        errors.set(collection.piece, explained(collection, trouble, follower.isKnown && !this.#isStale(follower)));
    }
    const { passphraseError } = this.#context;
    if (passphraseError !== undefined) errors.set("passphrase", passphraseError);
    return [...errors].map(([piece, error]) => ({ piece, error }));
  }
}

function contextOf(entry: KubernetesEntry, reader: Pick<CertificateReader, "read">): ReadingContext {
  return {
    source: entry.name,
    reader,
    wantsKey: keyTest(entry.keys),
    passphrase: passphrasePair.source(entry),
    passphraseError: undefined,
    expiry: expiryOf(entry),
  };
}

function readerOf({ resource }: Collection, context: ReadingContext): FollowerOptions<Contents>["read"] {
  switch (resource.kind) {
    case "Secret":
      return (object) => readSecretObject(object, context);
    case "ConfigMap":
      return (object) => readConfigMap(object, context);
    case "Certificate":
      return (object) => Promise.resolve(readManaged(object));
    default:
      return (object) => readCaBundles(object, resource.kind, context);
  }
}

/** The bundles, those of Secrets that cert-manager keeps with the moment of their renewal. */
function withRenewalTimes(contents: readonly Contents[]): readonly Bundle[] {
  const times = new Map<string, number>();
  for (const { managed, managedSecret } of contents)
    if (managed?.renewalTime !== undefined && managedSecret !== undefined)
      times.set(managedSecret, managed.renewalTime);
  const bundles = contents.flatMap(({ bundles }) => bundles);
  if (times.size === 0) return bundles;
  return bundles.map((bundle) => {
    const { secret_namespace: namespace, secret_name: name } = bundle.place;
    const renewalTime = name === undefined ? undefined : times.get(`${namespace}/${name}`);
    return renewalTime === undefined ? bundle : { ...bundle, renewalTime };
  });
}

/** The error that says most: one of the way to the API is the cause of whatever else. */
function worst(troubles: readonly Trouble[]): CollectError {
  const [first] = troubles.toSorted(
    (a, b) => Number(a.error.reason === "forbidden") - Number(b.error.reason === "forbidden") || a.since - b.since,
  );
  if (first === undefined) return new CollectError("internal", "nothing is followed");
  return new CollectError(first.error.reason, `${first.error.message}; so since ${moment(first.since)}`);
}

/** The error with the right that lacks, or since when the last state stands. */
function explained({ resource }: Collection, { error, since }: Trouble, stands: boolean): CollectError {
  const help =
    error.reason === "forbidden"
      ? `; it needs the verbs list and watch on ${rightOf(resource)}, as in ${RBAC_FILE}`
      : "";
  const state = stands ? `; what was known at ${moment(since)} still stands` : `; so since ${moment(since)}`;
  return new CollectError(error.reason, `${error.message}${help}${state}`);
}

const rightOf = ({ name, group }: Resource): string => `${name} of ${group === "" ? "the core group" : group}`;
