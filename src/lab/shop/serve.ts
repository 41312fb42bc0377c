import type { Draws } from "./draws.ts";
import type { ActiveFault, Failure } from "./faults/active-fault.ts";
import { stackOf } from "./faults/bad-version.ts";
import { refusal } from "./faults/error-burst.ts";
import { PEERS, type Operation, type Peer } from "./operations.ts";
import type { PodMetrics } from "./pod-metrics.ts";
import type { Passage, Recorder } from "./recorder.ts";
import { clientSpan, serverSpan, tell } from "./telling.ts";
import type { Pod, Topology } from "./topology.ts";

/** What requests pass through. */
export interface Floor {
  readonly draws: Draws;
  readonly topology: Topology;
  readonly recorder: Recorder;
  readonly fault: ActiveFault | undefined;
  /** Shares of requests that fail by themselves, and of calls that are refused, in every shop. */
  readonly usualFailures: number;
  readonly usualRefusals: number;
  metrics(pod: Pod): PodMetrics;
}

/** How a request ended. */
export interface Answer {
  readonly ms: number;
  readonly status: number;
  readonly pod: Pod;
  readonly failure: Failure | undefined;
}

const NETWORK_MS = 0.6;

/** Serves a request, and all that it asks of others; `parentId` is the span of who asked. */
export function serve(floor: Floor, operation: Operation, at: number, passage: Passage, parentId?: string): Answer {
  const { draws, topology, recorder, fault } = floor;
  const pod = draws.pick(topology.pods.get(operation.service) ?? []);
  const spanId = recorder.isOn ? draws.hex(16) : "";
  const work = draws.logNormal(operation.ms, operation.sigma);
  const effect = fault?.serve?.(pod, operation, at);
  const about = { passage, spanId, operation };
  if (effect?.warning !== undefined)
    recorder.line(pod, at, { level: "warn", logger: effect.warning.logger, message: effect.warning.text }, about);
  let end = at + work * 0.4 + (effect?.slowMs ?? 0);
  let failure = effect?.failure ?? ownFailure(floor, operation);
  if (failure === undefined) {
    const done = askOthers(floor, { operation, pod, passage, spanId, at: end });
    end += done.ms + work * 0.6;
    failure = done.failure;
  }
  const status = failure?.status ?? usualStatus(draws, operation);
  const ms = end - at;
  floor.metrics(pod).answered(`${operation.method} ${operation.route}`, status, ms);
  const served = { pod, operation, passage, spanId, at, ms, status, failure };
  if (recorder.isOn) tell(floor, served);
  if (passage.isTraced) recorder.span(serverSpan(served, parentId));
  return { ms, status, pod, failure };
}

interface Asking {
  readonly operation: Operation;
  readonly pod: Pod;
  readonly passage: Passage;
  readonly spanId: string;
  readonly at: number;
}

interface Asked {
  readonly ms: number;
  readonly failure: Failure | undefined;
}

function askOthers(floor: Floor, asking: Asking): Asked {
  const { operation, at } = asking;
  let ms = 0;
  for (const { peer, ms: usual, optional } of operation.uses) {
    const used = use(floor, { ...asking, at: at + ms }, peer, usual);
    ms += used.ms;
    if (used.failure !== undefined && optional !== true) return { ms, failure: used.failure };
  }
  for (const call of operation.calls) {
    if (call.share !== undefined && !floor.draws.chance(call.share)) continue;
    const called = ask(floor, { ...asking, at: at + ms }, call.operation, call.timeoutMs);
    ms += called.ms;
    if (called.failure !== undefined && call.optional !== true) return { ms, failure: called.failure };
  }
  return { ms, failure: undefined };
}

/** Uses what is no service of the shop. */
function use(floor: Floor, asking: Asking, peer: Peer, usual: number): Asked {
  const { draws, fault } = floor;
  const effect = fault?.reach?.(asking.pod, peer, asking.at);
  const refused = draws.chance(floor.usualRefusals) ? refusal(peer, floor.topology.address(peer)) : undefined;
  const failure = effect?.failure ?? refused;
  const ms = failure === undefined ? draws.logNormal(usual, 0.35) : (effect?.slowMs ?? draws.span(0.5, 4));
  const { system } = PEERS[peer];
  finishCall(floor, asking, { peer, system, ms, failure, clientId: undefined });
  return { ms, failure };
}

/** Asks another service, and gives up when that takes too long. */
function ask(floor: Floor, asking: Asking, operation: Operation, timeoutMs: number): Asked {
  const { draws, fault } = floor;
  const { service } = operation;
  const clientId = asking.passage.isTraced ? draws.hex(16) : "";
  const effect = fault?.reach?.(asking.pod, service, asking.at);
  let ms = effect?.slowMs ?? 0;
  let failure = effect?.failure;
  if (failure === undefined) {
    const answer = serve(floor, operation, asking.at + ms + NETWORK_MS / 2, asking.passage, clientId);
    ms += answer.ms + NETWORK_MS;
    failure = ms > timeoutMs ? gaveUp(service, timeoutMs) : passedOn(operation, answer);
    ms = Math.min(ms, timeoutMs);
  }
  finishCall(floor, asking, { peer: service, system: "http", ms, failure, clientId });
  return { ms, failure };
}

const gaveUp = (service: string, timeoutMs: number): Failure => ({
  status: 504,
  errorType: "TimeoutError",
  text: `${service} did not answer within ${timeoutMs} ms`,
});

const passedOn = ({ service, method, route }: Operation, { status, failure }: Answer): Failure | undefined =>
  failure && {
    status: 502,
    errorType: "UpstreamError",
    text: `${method} ${route} of ${service} was answered ${status}`,
  };

interface FinishedCall extends Asked {
  readonly peer: string;
  readonly system: string;
  /** Undefined where nobody hangs spans below it. */
  readonly clientId: string | undefined;
}

function finishCall(floor: Floor, asking: Asking, { peer, system, ms, failure, clientId }: FinishedCall): void {
  const { pod, passage, spanId, at, operation } = asking;
  const { recorder } = floor;
  floor.metrics(pod).called(peer, failure === undefined, ms);
  if (failure !== undefined)
    recorder.line(
      pod,
      at + ms,
      { level: "error", logger: "client", message: failure.text },
      { passage, spanId, operation, peer, failure },
    );
  if (passage.isTraced)
    recorder.span(
      clientSpan({
        pod,
        passage,
        spanId: clientId ?? floor.draws.hex(16),
        parentId: spanId,
        at,
        ms,
        failure,
        peer,
        system,
      }),
    );
}

const OWN_FAILURES = [
  ["DeadlockError", "deadlock detected, transaction was rolled back"],
  ["TypeError", "fetch failed"],
  ["AssertionError", "expected version to be newer"],
] as const;

function ownFailure({ draws, usualFailures }: Floor, { service }: Operation): Failure | undefined {
  if (!draws.chance(usualFailures)) return undefined;
  const [errorType, said] = draws.pick(OWN_FAILURES);
  return { status: 500, errorType, text: `${errorType}: ${said}`, stack: stackOf(draws, service) };
}

/** Customers ask for what is not there, and cards are declined: that is no failure of the shop. */
function usualStatus(draws: Draws, { method, route }: Operation): number {
  if (route.includes("{id}")) return draws.chance(0.012) ? 404 : 200;
  if (route === "/charges") return draws.chance(0.03) ? 402 : 201;
  if (route === "/reservations") return draws.chance(0.01) ? 409 : 201;
  return method === "GET" ? 200 : 201;
}
