import { Agent, request } from "undici";

/** A method of the API. */
export type OpenBaoMethod = "GET" | "LIST" | "POST" | "PUT" | "PATCH" | "DELETE";

/**
 * What a call of the API is answered; the body is parsed JSON, or the text when it is not JSON, or undefined when
 * empty.
 */
export interface OpenBaoAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** One call: `path` is what follows `/v1/`. With `anyStatus`, a status from 400 on is an answer too, and no error. */
export interface OpenBaoCall {
  readonly url: string;
  readonly method: OpenBaoMethod;
  readonly path: string;
  readonly body?: object | undefined;
  readonly token?: string | undefined;
  readonly anyStatus?: boolean | undefined;
  /** 10 s unless told otherwise. */
  readonly deadlineMs?: number;
}

/** Calls the nodes of one cluster. */
export interface OpenBaoApi {
  call(call: OpenBaoCall): Promise<OpenBaoAnswer>;
  close(): Promise<void>;
}

/** Opens the way to nodes whose certificates the authority signed. */
export function openBaoApi(caPem: string): OpenBaoApi {
  // No connection is used twice: nodes are frozen, ended and started again between two calls.
  const agent = new Agent({ connect: { ca: caPem }, pipelining: 0 });
  return {
    call: async ({ url, method, path, body, token, anyStatus, deadlineMs = 10_000 }) => {
      const { statusCode: status, body: answer } = await request(`${url}/v1/${path}`, {
        method,
        dispatcher: agent,
        headers: token ? { "x-vault-token": token } : {},
        body: body ? JSON.stringify(body) : null,
        signal: AbortSignal.timeout(deadlineMs),
      });
      const text = await answer.text();
      if (status >= 400 && !anyStatus) throw new Error(`${method} ${url}/v1/${path} was answered ${status}: ${text}`);
      return { status, body: parsed(text) };
    },
    close: () => agent.destroy(),
  };
}

function parsed(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
