import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { milliseconds } from "../../../src/core/duration.ts";
import type { OpenTarget } from "../../../src/core/pack.ts";
import { startHttpFaultProxy } from "../../../src/lab/fault-proxy/http-proxy.ts";
import type { FaultProxy } from "../../../src/lab/fault-proxy/proxy.ts";
import { createTemporaryFolder } from "../../helpers/janitor.ts";
import { pollTarget } from "../../helpers/poll-target.ts";
import type { MatrixSubject, Observation, OpenSubject, SubjectProtocol, UseOptions } from "./subject.ts";

/** Where a target is to look. */
export interface Place {
  /** Without a slash at the end. */
  readonly url: string;
  /** PEM file of the authority to trust, and its text. */
  readonly caFile: string;
  readonly caPem: string;
  /** A folder for further files. */
  readonly folder: string;
}

/** An emulated system, and how the pack opens a target on it. */
export interface PackWorld {
  readonly url: string;
  readonly caPem: string;
  open(place: Place): Promise<OpenTarget>;
  /** Told after a fault, before the next poll. */
  settle?(): Promise<void> | void;
  /**
   * The interval in which what is polled looks at its upstream by itself, in milliseconds: after a fault it is polled
   * until all is well or this is over. Undefined where each poll asks the upstream, so that the very next one has to
   * succeed.
   */
  readonly looksEveryMs?: number;
  close(): Promise<void>;
}

/** How a pack is put into the matrix. */
export interface PackSubjectOptions extends Pick<
  MatrixSubject,
  "allows" | "onlyAt" | "partsAside" | "skips" | "mostBytes" | "mostConnections" | "patienceMs"
> {
  readonly name: string;
  /** The pack's id. */
  readonly pack: string;
  /** Metrics that tell how the poll went: their values under a fault are not those before it. */
  readonly ownFacts: RegExp;
  start(): Promise<PackWorld>;
  /** Whether each fault finds a target that was polled before it (`warm`), or a new one (`fresh`). */
  readonly memory: "warm" | "fresh";
  readonly on?: "answers" | "messages";
  readonly protocol?: SubjectProtocol;
  /** The proxy; one of HTTP unless given. */
  readonly proxy?: (world: PackWorld) => Promise<FaultProxy>;
}

/** A column of the matrix for one pack. */
export function packSubject(options: PackSubjectOptions): MatrixSubject {
  const { name, pack, ownFacts, start, memory, on = "answers", protocol = "http", proxy, ...more } = options;
  return {
    ...more,
    name,
    covers: { table: "packs", id: pack },
    protocol,
    open: async () => {
      const world = await start();
      const usual = { name: pack, upstream: world.url, on, ...(on === "messages" && { member: "result" }) };
      return openPack(world, await (proxy?.(world) ?? startHttpFaultProxy(usual)), { ownFacts, memory });
    },
  };
}

const NEXT_POLL: UseOptions = { kind: undefined, deadlineMs: 30_000 };
const TICK_MS = 50;
/** Of the other target some parts are enough to see whether it is untouched. */
const OTHER_PARTS = 3;

async function openPack(
  world: PackWorld,
  proxy: FaultProxy,
  { ownFacts, memory }: Pick<PackSubjectOptions, "ownFacts" | "memory">,
): Promise<OpenSubject> {
  const folder = await createTemporaryFolder("matrix");
  const placeOf = async (name: string, url: string, caPem: string): Promise<Place> => {
    const caFile = join(folder.path, `${name}.pem`);
    await writeFile(caFile, caPem);
    return { url, caFile, caPem, folder: folder.path };
  };
  const place = await placeOf("proxy", proxy.url, proxy.caPem);
  const straight = await world.open(await placeOf("straight", world.url, world.caPem));
  const other = { ...straight, parts: straight.parts.slice(0, OTHER_PARTS) };
  let own = await world.open(place);
  const isOwnFact = (name: string): boolean => ownFacts.test(name);
  const countFacts = ({ facts }: Observation): number => [...facts.keys()].filter((name) => !isOwnFact(name)).length;
  let isAfterFault = false;
  let factsWell = 0;
  return {
    proxy,
    use: async (asked) => {
      if (memory === "fresh" && !isAfterFault) {
        await own.close();
        own = await world.open(place);
      }
      isAfterFault = asked.kind !== undefined;
      const seen = await observe(own, asked);
      if (asked.kind === undefined) factsWell = Math.max(factsWell, countFacts(seen));
      return seen;
    },
    useOther: (asked) => observe(other, asked),
    isOwnFact,
    settle: async () => {
      await world.settle?.();
      const end = performance.now() + (world.looksEveryMs ?? 0);
      const isBack = (seen: Observation) => seen.reasons.length === 0 && countFacts(seen) >= factsWell;
      while (performance.now() < end && !isBack(await observe(own, NEXT_POLL))) await pause(TICK_MS);
    },
    close: async () => {
      await Promise.all([own.close(), other.close()]);
      await proxy.close();
      await world.close();
      await folder.remove();
    },
  };
}

/** Polls every part at once, as the service does. */
async function observe(target: OpenTarget, { deadlineMs }: UseOptions): Promise<Observation> {
  const deadline = milliseconds(deadlineMs);
  const polls = target.parts.map((part) => pollTarget({ ...target, parts: [{ ...part, deadline }] }));
  const polled = await Promise.all(polls);
  const errors = polled.flatMap((each) => Object.values(each.errors).flat());
  return {
    reasons: errors.map(({ reason }) => reason),
    messages: errors.map(({ message }) => message),
    facts: new Map(polled.flatMap(({ series }) => [...series])),
    parts: Object.fromEntries(
      target.parts.map(({ id }, i) => [id, (polled[i]?.errors[id] ?? []).map(({ reason }) => reason)]),
    ),
  };
}
