import { z } from "zod";
import { formatDuration, seconds, type Duration } from "../../core/duration.ts";
import { CollectError, asCollectError } from "../../core/errors.ts";
import { Secret } from "../../core/secret.ts";
import { HttpStatusError, type HttpClient } from "../../lib/http/client.ts";
import { readShape } from "../../lib/answers/read-shape.ts";

/** How long and how much one answer may be. */
export interface CallBounds {
  /** {@link DEFAULT_TIMEOUT} unless given; Proxmox VE itself gives a call up after 30 seconds. */
  readonly timeout?: Duration;
  /** The HTTP client's own bound unless given. */
  readonly maxBodyBytes?: number;
}

/** One GET of the API. `path` begins after `/api2/json/`. */
export interface ApiCall<T> extends CallBounds {
  readonly path: string;
  /** Shape of what stands in the answer's `data`. */
  readonly shape: z.ZodType<T>;
  readonly signal: AbortSignal;
  /** A server that is well always has an answer, so that a failure of any status is its own and not the call's. */
  readonly always?: true;
}

/** How long an answer may take unless its call says otherwise. */
export const DEFAULT_TIMEOUT = seconds(10);

/** The value of `Authorization` for an API token. Source: https://pve.proxmox.com/wiki/Proxmox_VE_API#API_Tokens */
export const tokenHeader = (tokenId: string, secret: Secret): Secret =>
  new Secret(`PVEAPIToken=${tokenId}=${secret.reveal()}`);

/**
 * Asks one server. Throws `CollectError`; its messages hold the sentence of the status line, where Proxmox VE explains.
 */
export async function callApi<T>(http: HttpClient, server: string, token: Secret, call: ApiCall<T>): Promise<T> {
  const url = `${server}/api2/json/${call.path}`;
  const where = `GET ${url.split("?")[0]}`;
  const { timeout = DEFAULT_TIMEOUT } = call;
  const late = AbortSignal.timeout(timeout);
  const signal = AbortSignal.any([call.signal, late]);
  const headers = { authorization: token };
  try {
    const { body } = await http.requestJson({ url, signal, headers, maxBodyBytes: call.maxBodyBytes });
    return readShape(z.object({ data: call.shape }), body, where).data;
  } catch (thrown) {
    if (late.aborted && !call.signal.aborted)
      throw new CollectError("timeout", `${where}: no complete answer within ${formatDuration(timeout)}`, {
        cause: thrown,
      });
    throw inProxmoxWords(thrown);
  }
}

/**
 * Pseudo statuses of pveproxy for a node that it could not pass the call on to: no connection, TLS failure or timeout.
 * They are never of the server that was asked. Source: pve-http-server, PVE::APIServer::AnyEvent, proxy_request.
 */
const NODE_UNREACHABLE = { from: 595, to: 599 };

function inProxmoxWords(thrown: unknown): Error {
  if (!(thrown instanceof HttpStatusError)) return asCollectError(thrown);
  if (thrown.status < NODE_UNREACHABLE.from || thrown.status > NODE_UNREACHABLE.to) return thrown;
  return new CollectError("node_unreachable", thrown.message, { cause: thrown });
}
