import { expect, test } from "vitest";
import { seconds } from "../../core/duration.ts";
import type { CollectError } from "../../core/errors.ts";
import { Recorder, type Sample } from "../../core/metric.ts";
import type { CollectContext } from "../../core/pack.ts";
import { createAuthority } from "../../lab/certificates.ts";
import type { Certificate } from "./certificate.ts";
import type { Bundle } from "./inventory.ts";
import { Judge } from "./judge/judge.ts";
import { Keeper } from "./keeper.ts";
import { certificates as metrics } from "./metrics.ts";
import { recordCertificates } from "./record.ts";
import { CertificateReader } from "./x509/certificate-reader.ts";

const signal = new AbortController().signal;
const reader = new CertificateReader();

async function makeLeaf(): Promise<Certificate> {
  const { certificatePem } = await (await createAuthority()).issue({ hosts: ["a.lan"] });
  const [leaf] = (await reader.read(Buffer.from(certificatePem))).certificates;
  if (leaf === undefined) throw new Error("no certificate was made");
  return leaf;
}

const bundle = (parts: Partial<Bundle>): Bundle => ({
  kind: "file",
  place: { filename: "a.pem", filepath: "/a.pem" },
  where: "/a.pem",
  certificates: [],
  revocationLists: [],
  faults: [],
  ...parts,
});

/** What is recorded of a source with these bundles, and what it lacks. */
async function recorded(...bundles: readonly Bundle[]) {
  const keeper = new Keeper({
    endpoints: [],
    sources: [
      {
        kind: "file",
        name: "f",
        every: seconds(60),
        read: () => Promise.resolve({ bundles, missing: [] }),
        close: () => Promise.resolve(),
      },
    ],
    renewalInfo: undefined,
    probe: () => Promise.reject(new Error("nothing is probed here")),
    judge: new Judge({ reader, fetch: () => Promise.reject(new Error("nothing is fetched here")) }),
    pace: 1,
    probeEvery: seconds(60),
    probeConcurrency: 1,
    close: () => Promise.resolve(),
  });
  await keeper.refresh(signal);
  const recorder = new Recorder();
  const missing: CollectError[] = [];
  const context: CollectContext = {
    signal,
    record: (metric, labels, value) => recorder.record(metric, labels, value),
    missing: (_piece, error) => missing.push(error),
    wasRead: () => {},
  };
  recordCertificates(keeper, context, Date.now() / 1000);
  await keeper.close();
  const samples = (metric: (typeof metrics)[keyof typeof metrics]): readonly Sample[] =>
    recorder.snapshot(0).families.find((family) => family.metric === metric)?.samples ?? [];
  return { samples, missing };
}

test("certificates in one place that differ in nothing but what they hold are told apart, whatever their fingerprints", async () => {
  const leaf = await makeLeaf();
  const alike = ["0".repeat(64), `${"a".repeat(63)}0`, `${"a".repeat(63)}1`, `${"a".repeat(63)}1`];
  const certificates = alike.map((fingerprint) => ({ ...leaf, fingerprint }));
  const { samples } = await recorded(bundle({ certificates }));
  expect(samples(metrics.notAfter)).toHaveLength(3);
});

test("thousands of faults in one place are told in a few words", async () => {
  const faults = Array.from({ length: 10_000 }, (_, i) => ({
    reason: "bad_certificate" as const,
    detail: `block ${i}`,
  }));
  const { missing } = await recorded(bundle({ faults }));
  expect(missing[0]?.message).toContain("block 0");
  expect(missing[0]?.message).toContain("9995 more");
  expect(missing[0]?.message.length).toBeLessThan(1_000);
});

test("what cert-manager says of a leaf says nothing of the authorities beside it", async () => {
  const leaf = await makeLeaf();
  const authority: Certificate = { ...leaf, role: "root", fingerprint: "1".repeat(64), serialNumber: "1" };
  const renewalTime = leaf.notBefore + 1;
  const { samples } = await recorded(bundle({ certificates: [leaf, authority], renewalTime }));
  expect(samples(metrics.renewal).map(({ value }) => value)).toEqual([renewalTime]);
});
