import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { hours, minutes, type Duration } from "../../core/duration.ts";
import type { StoredSource } from "./inventory.ts";
import { Judge } from "./judge/judge.ts";
import { Keeper } from "./keeper.ts";
import { CertificateReader } from "./x509/certificate-reader.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] }));
afterEach(() => void vi.useRealTimers());

test("a source that turns out to hold what changes soon is read again that soon, the first time already", async () => {
  let reads = 0;
  let every: Duration = hours(1);
  const source: StoredSource = {
    kind: "url",
    name: "http://ca.lan/crl",
    get every() {
      return every;
    },
    read: () => {
      reads += 1;
      every = minutes(2);
      return Promise.resolve({ bundles: [], missing: [] });
    },
    close: () => Promise.resolve(),
  };
  const keeper = new Keeper({
    endpoints: [],
    sources: [source],
    renewalInfo: undefined,
    probe: () => Promise.reject(new Error("nothing is probed here")),
    judge: new Judge({ reader: new CertificateReader(), fetch: () => Promise.reject(new Error("nothing is fetched")) }),
    pace: 1,
    probeEvery: minutes(5),
    probeConcurrency: 1,
    close: () => Promise.resolve(),
  });
  await keeper.refresh(new AbortController().signal);
  await vi.advanceTimersByTimeAsync(minutes(2));
  await keeper.refresh(new AbortController().signal);
  expect(reads).toBe(2);
  await keeper.close();
});
