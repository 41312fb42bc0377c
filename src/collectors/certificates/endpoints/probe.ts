import { CollectError } from "../../../core/errors.ts";
import { formatDuration } from "../../../core/duration.ts";
import { startDeadline } from "../../../lib/http/deadline.ts";
import { createNetworkError } from "../../../lib/http/network-error.ts";
import type { Endpoint, Probe, ProbeResult, ServedTls } from "../endpoint.ts";
import type { CertificateReader } from "../x509/certificate-reader.ts";
import { leave } from "./close.ts";
import { type Course, dial, secondsSince } from "./dial.ts";
import { shakeHands } from "./handshake.ts";
import { dialogueOf } from "./start-tls/table.ts";

/** Makes what looks at endpoints over the network; the reader knows certificates that were seen before. */
export function createProbe(reader: CertificateReader): Probe {
  return async (endpoint, signal) => {
    signal.throwIfAborted();
    const course: Course = { waitingFor: "" };
    const start = performance.now();
    const deadline = startDeadline(endpoint.timeout, signal, () => tooLate(endpoint, course));
    try {
      const { tls, failure } = await look(endpoint, reader, course, deadline.signal);
      signal.throwIfAborted();
      return resultOf(start, course, tls, failure === undefined ? undefined : explain(failure, endpoint));
    } catch (thrown) {
      signal.throwIfAborted();
      return resultOf(start, course, undefined, explain(thrown, endpoint));
    } finally {
      deadline.stop();
    }
  };
}

interface Look {
  readonly tls?: ServedTls;
  readonly failure?: unknown;
}

async function look(endpoint: Endpoint, reader: CertificateReader, course: Course, signal: AbortSignal): Promise<Look> {
  const dialogue = dialogueOf(endpoint.protocol);
  const socket = await dial(endpoint, dialogue, course, signal);
  try {
    course.waitingFor = "the TLS handshake";
    const { session, seconds, ...seen } = await shakeHands(socket, endpoint, reader);
    if (seconds !== undefined) course.handshake = seconds;
    if (seen.failure === undefined) void leave(session, dialogue);
    else session.destroy();
    return seen;
  } catch (thrown) {
    socket.destroy();
    throw thrown;
  }
}

function resultOf(
  start: number,
  { dns, connect, handshake, ipProtocol }: Course,
  tls: ServedTls | undefined,
  error: CollectError | undefined,
): ProbeResult {
  return {
    at: Date.now() / 1_000,
    duration: secondsSince(start),
    ...(dns !== undefined && { dns }),
    ...(connect !== undefined && { connect }),
    ...(handshake !== undefined && { handshake }),
    ...(ipProtocol !== undefined && { ipProtocol }),
    ...(tls && { tls }),
    ...(error && { error }),
  };
}

const tooLate = ({ timeout }: Endpoint, { waitingFor }: Course): CollectError =>
  new CollectError("timeout", `${waitingFor} was not complete within ${formatDuration(timeout)}`);

function explain(failure: unknown, endpoint: Endpoint): CollectError {
  const { name, proxy, timeout } = endpoint;
  const where = proxy === undefined ? name : `${name} by the proxy ${proxy.host}:${proxy.port}`;
  return createNetworkError(failure, where, { connect: timeout, headers: timeout });
}
