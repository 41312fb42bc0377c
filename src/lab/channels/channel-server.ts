import type { LabAnswer, LabRequest } from "../exchange.ts";
import { startLabServer } from "../server.ts";
import type { ChannelStandIn } from "./stand-in.ts";

/** Counts a refusal by what was answered, and gives that answer. */
export type Refuse = (what: string, answer: LabAnswer) => LabAnswer;

/** The emulated service itself. */
export interface ChannelService {
  /** A free one unless given. */
  readonly port?: number | undefined;
  /** Answers a request that is not held back by a limit. */
  readonly answer: (request: LabRequest, refuse: Refuse) => LabAnswer;
  /** The service's own way to say that there are too many requests, and when to come again. */
  readonly tooMany: (retryAfterSeconds: number) => LabAnswer;
}

/** Starts the HTTP part of a stand-in: faults, refusals that are counted, and a rate limit that can be switched on. */
export async function startChannelServer(
  service: ChannelService,
): Promise<Omit<ChannelStandIn, "type" | "title" | "messages">> {
  const refusals: Record<string, number> = {};
  let retryAfter: number | undefined;
  const refuse: Refuse = (what, answer) => {
    refusals[what] = (refusals[what] ?? 0) + 1;
    return answer;
  };
  const handler = (request: LabRequest): LabAnswer =>
    retryAfter === undefined ? service.answer(request, refuse) : refuse("429", service.tooMany(retryAfter));
  const server = await startLabServer({ handler, ...(service.port !== undefined && { port: service.port }) });
  return {
    url: server.url,
    requests: server.requests,
    refusals: () => ({ ...refusals }),
    setFault: (fault) => server.setFault(fault),
    setRateLimited: (seconds) => {
      retryAfter = seconds;
    },
    close: () => server.close(),
  };
}

/** An answer with a JSON body. */
export const jsonAnswer = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): LabAnswer => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
});

/** The parsed body of a request; undefined when it is not a JSON object. */
export function jsonBody({ body }: LabRequest): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === "object" && parsed !== null ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}
