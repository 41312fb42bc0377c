import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { certificatesConfig } from "../../src/collectors/certificates/config.ts";
import type { Bundle, SourceReading, StoredSource } from "../../src/collectors/certificates/inventory.ts";
import { PATIENCE } from "../../src/collectors/certificates/stored/kubernetes/follower.ts";
import { openKubernetes } from "../../src/collectors/certificates/stored/kubernetes/open-kubernetes.ts";
import { CertificateReader } from "../../src/collectors/certificates/x509/certificate-reader.ts";
import { milliseconds, minutes } from "../../src/core/duration.ts";
import type { TemporaryFolder } from "./janitor.ts";
import { kubeconfigFor, type KubernetesCluster } from "./kubernetes-api.ts";
import { GivenUp, waitUntil } from "./wait-until.ts";

/** So that a test need not wait long for the next try. */
export const QUICK = {
  ...PATIENCE,
  firstWait: milliseconds(50),
  mostWait: milliseconds(500),
  refusedWait: milliseconds(300),
  staleAfter: minutes(3),
};

/** A signal that is never aborted. */
export const never = new AbortController().signal;
const reader = new CertificateReader();

/** A source of a test, on a kubeconfig of its own. */
export interface Opened {
  readonly source: StoredSource;
  read(): Promise<SourceReading>;
  /** Waits until a reading fulfils the wish. */
  until(what: string, wish: (reading: SourceReading) => boolean): Promise<SourceReading>;
  /** As `until`, but fails at once when something can not be read on the way. */
  untilCalmly(what: string, wish: (reading: SourceReading) => boolean): Promise<SourceReading>;
}

/** Opens sources on a cluster, each closed when the test ends. */
export function opener(
  cluster: () => Pick<KubernetesCluster, "url" | "caPem" | "token">,
  folder: () => TemporaryFolder,
  patience = QUICK,
) {
  let count = 0;
  return async (settings: object, token = cluster().token): Promise<Opened> => {
    const kubeconfig = join(folder().path, `kubeconfig-${(count += 1)}`);
    await writeFile(kubeconfig, kubeconfigFor(cluster(), token));
    const parsed = certificatesConfig.parse({
      name: "test",
      kubernetes: [{ kubeconfig_file: kubeconfig, ...settings }],
    });
    const [entry] = parsed.kubernetes;
    if (entry === undefined) throw new Error("no entry");
    const source = openKubernetes(entry, reader, patience);
    onTestFinished(() => source.close());
    const read = () => source.read(never);
    const until = (what: string, wish: (reading: SourceReading) => boolean) =>
      waitUntil(what, async () => {
        const reading = await read();
        return wish(reading) && reading;
      });
    const untilCalmly = (what: string, wish: (reading: SourceReading) => boolean) =>
      waitUntil(what, async () => {
        const reading = await read().catch((error: unknown) => {
          throw new GivenUp(`${what}: ${String(error)}`);
        });
        const [lack] = reading.missing;
        if (lack !== undefined) throw new GivenUp(`${what}: ${lack.piece}: ${lack.error.message}`);
        return wish(reading) && reading;
      });
    return { source, read, until, untilCalmly };
  };
}

/** The places and common names of bundles, in order. */
export const shown = ({ bundles }: SourceReading): string[] =>
  bundles
    .map(({ place, certificates }) => {
      const where = Object.values(place).join("/");
      return `${where}: ${certificates.map(({ subject }) => subject.CN).join(" ")}`;
    })
    .toSorted();

/** The bundle at a place. */
export const bundleAt = (reading: SourceReading, where: string): Bundle => {
  const found = reading.bundles.find((bundle) => bundle.where.includes(where));
  if (found === undefined) throw new Error(`nothing at ${where}`);
  return found;
};
