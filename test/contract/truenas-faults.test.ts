import { describe, expect, it, onTestFinished } from "vitest";
import { trueNasCollector } from "../../src/collectors/truenas/collector.ts";
import { milliseconds } from "../../src/core/duration.ts";
import type { OpenTarget } from "../../src/core/pack.ts";
import type { SocketFault, TrueNasRelease } from "../../src/lab/truenas/contract.ts";
import { pollTarget, type Polled } from "../helpers/poll-target.ts";
import { waitUntil } from "../helpers/wait-until.ts";
import { openTrueNasLab } from "./truenas-fixtures.ts";

const RELEASES = ["24.10", "25.04", "25.10", "26"] as const satisfies readonly TrueNasRelease[];
const PARTS = trueNasCollector.parts.map(({ id }) => id);
/** It looks at the certificate without the socket. */
const SOCKET_PARTS = PARTS.filter((id) => id !== "certificates");
/** The other one is told without a question. */
const ASKING_PARTS = SOCKET_PARTS.filter((id) => id !== "realtime");
const PATIENT = { firstWait: milliseconds(10), lastWait: milliseconds(50), refusedWait: milliseconds(50) };
/** For faults that hang. */
const IMPATIENT = { ...PATIENT, open: milliseconds(400) };

const reasonsOf = ({ errors }: Polled): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    Object.entries(errors).map(([part, seen]) => [part, [...new Set(seen.map(({ reason }) => reason))]]),
  );
const troubled = ({ errors }: Polled): readonly string[] => Object.keys(errors);

/** What is told by the clock, the load of the moment, or the session itself. */
const MOVING = /^truenas_(clock_offset|boot_timestamp|session_|load|cpu|memory_available|arc|interface_)/;
/** A number in the place of a name is taken as the text that it would be. */
const RENAMED = /[{,](?:name|version)="\d+"/;
const still = ({ series }: Polled): ReadonlyMap<string, number> =>
  new Map([...series].filter(([text]) => !MOVING.test(text)));

describe("the TrueNAS pack and a server that is not there", () => {
  it.each([
    [{ kind: "refused" }, "connection_refused"],
    [{ kind: "hang" }, "timeout"],
    [{ kind: "hang_handshake" }, "timeout"],
    [{ kind: "drip", intervalMs: 200 }, "timeout"],
    [{ kind: "slow_headers", intervalMs: 50 }, "timeout"],
    [{ kind: "reset" }, "connection_reset"],
    [{ kind: "cut_short" }, "connection_reset"],
    [{ kind: "truncated_json" }, "invalid_response"],
    [{ kind: "not_http" }, "invalid_response"],
    [{ kind: "html" }, "unexpected_status"],
    [{ kind: "redirect_loop" }, "unexpected_status"],
    [{ kind: "empty_object" }, "unexpected_shape"],
    [{ kind: "nulls" }, "unexpected_shape"],
    [{ kind: "huge_body", bytes: 20 * 1024 * 1024 }, "body_too_large"],
    [{ kind: "status", status: 401 }, "unauthorized"],
    [{ kind: "status", status: 404 }, "not_found"],
    [{ kind: "status", status: 429 }, "rate_limited"],
    [{ kind: "status", status: 503 }, "server_error"],
    [{ kind: "expired_certificate" }, "tls_expired"],
    [{ kind: "untrusted_certificate" }, "tls_untrusted"],
    [{ kind: "wrong_host_certificate" }, "tls_wrong_host"],
  ] as const)("says under %j why, in every part, and comes back after it", async (fault, reason) => {
    const { lab, open } = await openTrueNasLab();
    const target = await open({}, reason === "timeout" ? IMPATIENT : PATIENT);
    await lab.setFault(fault);
    const polled = await pollTarget(target, ["system", "pools", "updates"]);
    expect(reasonsOf(polled)).toEqual({ system: [reason], pools: [reason], updates: [reason] });
    expect(still(polled)).toEqual(new Map([["truenas_up", 0]]));
    expect(polled.outcomes).toEqual({ system: "failed", pools: "failed", updates: "failed" });
    await lab.setFault(undefined);
    await waitUntil(
      "all is read again",
      async () => troubled(await pollTarget(target, ["system", "pools"])).length === 0,
    );
  });

  it("knows a pinned certificate, and another one", async () => {
    const { lab, open } = await openTrueNasLab();
    const pinned = await open({ ca_file: undefined, fingerprint: lab.fingerprint256 });
    expect(reasonsOf(await pollTarget(pinned, ["system"]))).toEqual({});
    const other = await open({ ca_file: undefined, fingerprint: "AB".repeat(32) });
    expect(reasonsOf(await pollTarget(other, ["system"]))).toEqual({ system: ["tls_pin_mismatch"] });
    expect(lab.stats.logins).toBe(1);
  });

  it("is stopped and started under a client that goes on", async () => {
    const { lab, target } = await openTrueNasLab();
    expect(troubled(await pollTarget(target))).toEqual([]);
    await lab.stop();
    expect(still(await pollTarget(target, ["system"]))).toEqual(new Map([["truenas_up", 0]]));
    await lab.start();
    await waitUntil("all is read again", async () => troubled(await pollTarget(target)).length === 0);
  });
});

describe("the TrueNAS pack and a server that answers wrongly", () => {
  const METHOD = "pool.query";
  it.each([
    [-32_700, undefined, "server_error"],
    [-32_600, undefined, "server_error"],
    [-32_601, undefined, "not_found"],
    [-32_602, undefined, "server_error"],
    [-32_603, undefined, "server_error"],
    [-32_000, undefined, "rate_limited"],
    [-32_001, "EACCES", "forbidden"],
    [-32_001, "EPERM", "forbidden"],
    [-32_001, "ENOTAUTHENTICATED", "unauthorized"],
    [-32_001, "ENOMETHOD", "not_found"],
    [-32_001, "EBUSY", "server_error"],
    [-32_001, "ETIMEDOUT", "server_error"],
    [-32_001, "EINVAL", "server_error"],
    [-32_001, "EFAULT", "server_error"],
  ] as const)("loses by the error %s %s one part, and no other", async (code, errname, reason) => {
    for (const release of ["24.10", "25.10"] as const) {
      const { lab, target } = await openTrueNasLab({ release });
      lab.setSocketFault({ kind: "error", method: METHOD, code, ...(errname !== undefined && { errname }) });
      const polled = await pollTarget(target, ["system", "pools", "disks", "datasets"]);
      expect(Object.keys(reasonsOf(polled))).toEqual(["pools"]);
      // DDP has names for errors and no numbers
      const told = release === "24.10" && errname === undefined ? reasonsOf(polled)["pools"] : [reason];
      expect(reasonsOf(polled)["pools"]).toEqual(told);
      expect(polled.series.get("truenas_up")).toBe(1);
    }
  });

  it.each(RELEASES.flatMap((release) => ["not_json", "drop_mid_reply"].map((kind) => [kind, release] as const)))(
    "loses by %s on %s one part, and no other",
    async (kind, release) => {
      const { lab, target } = await openTrueNasLab({ release });
      lab.setSocketFault({ kind: kind as "not_json" | "drop_mid_reply", method: METHOD });
      const polled = await pollTarget(target, ["pools"]);
      expect(polled.outcomes).toEqual({ pools: "failed" });
      await waitUntil(
        "the others are read",
        async () => troubled(await pollTarget(target, ["system", "disks", "datasets"])).length === 0,
      );
      lab.setSocketFault(undefined);
      await waitUntil("pools are read again", async () => troubled(await pollTarget(target, ["pools"])).length === 0);
      expect(lab.stats.limited).toBe(0);
    },
  );

  it("waits for an answer that never comes in its own part only", async () => {
    const { lab, target } = await openTrueNasLab();
    lab.setSocketFault({ kind: "hang", method: METHOD });
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    const hung = collect(target, "pools", stop.signal);
    expect(
      troubled(
        await pollTarget(
          target,
          PARTS.filter((id) => id !== "pools"),
        ),
      ),
    ).toEqual([]);
    stop.abort(new DOMException("over", "TimeoutError"));
    await expect(hung).rejects.toMatchObject({ name: expect.stringMatching(/TimeoutError|CollectError/) });
  });

  it.each([
    ...RELEASES.map((release) => ["out_of_order", release] as const),
    ...RELEASES.map((release) => ["unknown_ids", release] as const),
  ])("reads the same under %s on %s, all parts at once", async (kind, release) => {
    const { lab, target, open } = await openTrueNasLab({ release, now: atNoon });
    const well = still(await pollTarget(target, SOCKET_PARTS));
    lab.setSocketFault({ kind });
    const other = await open();
    const polls = await Promise.all(SOCKET_PARTS.map((id) => pollTarget(other, [id])));
    expect(polls.flatMap(troubled)).toEqual([]);
    const seen = new Map(polls.flatMap((polled) => [...still(polled)]));
    expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(well));
    expect(lab.stats.mostAtOnce).toBeLessThanOrEqual(8);
  });

  it.each(RELEASES)("reads dates that are plain texts and numbers as the same dates, on %s", async (release) => {
    const { lab, target, open } = await openTrueNasLab({ release, now: atNoon });
    const well = still(await pollTarget(target, SOCKET_PARTS));
    lab.setSocketFault({ kind: "plain_dates" });
    const polled = await pollTarget(await open(), SOCKET_PARTS);
    expect(troubled(polled)).toEqual([]);
    expect(Object.fromEntries(still(polled))).toEqual(Object.fromEntries(well));
  });

  it.each(RELEASES.flatMap((release) => ["nulls", "wrong_types"].map((kind) => [kind, release] as const)))(
    "gives no series another name or a value of its own making under %s on %s, whichever method has them",
    async (kind, release) => {
      const { lab, target, open } = await openTrueNasLab({ release, now: atNoon });
      const well = still(await pollTarget(target, SOCKET_PARTS));
      const methods = [...lab.stats.calls.keys()].filter((method) => !/^(auth|core)\./.test(method));
      expect(methods.length).toBeGreaterThan(10);
      const invented: string[] = [];
      for (const method of methods) {
        lab.setSocketFault({ kind, method } as SocketFault);
        const fresh = await open();
        for (const [text, value] of still(await pollTarget(fresh, ASKING_PARTS)))
          if (text !== "truenas_up" && !RENAMED.test(text) && well.get(text) !== value)
            invented.push(`${method}: ${text} ${value}, not ${String(well.get(text))}`);
        await fresh.close();
        lab.reset();
      }
      expect(invented).toEqual([]);
    },
  );

  it("says of an ended session that it did, and is back by itself", async () => {
    for (const release of RELEASES) {
      const { lab, target } = await openTrueNasLab({ release });
      lab.setSocketFault({ kind: "session_expired" });
      expect(reasonsOf(await pollTarget(target, ["system"]))).toEqual({ system: ["unauthorized"] });
      lab.setSocketFault(undefined);
      await waitUntil("all is read again", async () => troubled(await pollTarget(target, ["system"])).length === 0);
    }
  });
});

/** A moment that does not pass. */
const atNoon = (() => {
  const noon = Date.now();
  return () => noon;
})();

function collect(target: OpenTarget, id: string, signal: AbortSignal): Promise<void> {
  const part = target.parts.find((each) => each.id === id);
  if (part === undefined) throw new Error(`no part ${id}`);
  return part.collect({ record: () => {}, missing: () => {}, wasRead: () => {}, signal });
}
