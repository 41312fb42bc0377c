import type { z } from "zod";
import { CollectError } from "../../core/errors.ts";
import type { HttpResponse } from "../../lib/http/client.ts";
import { readShape } from "../../lib/answers/read-shape.ts";
import type { VaultNode } from "../../lib/vault/api.ts";
import type { VaultClient } from "./client.ts";
import { NODE_STATES, type NodeState } from "./metrics.ts";
import { healthShape } from "./schema.ts";

/** What a node says of itself. */
export interface HealthAnswer {
  readonly state: NodeState;
  readonly body: z.output<typeof healthShape>;
  readonly response: HttpResponse;
}

const STATUSES = Object.keys(NODE_STATES).map(Number);
const isNodeState = (status: number): status is keyof typeof NODE_STATES => status in NODE_STATES;

/**
 * Asks a node for its health and keeps its state for the other parts; a node that fails has none. A proxy's 429 or 503
 * that has not Vault's body is a failure, not a state.
 */
export async function askHealth(client: VaultClient, node: VaultNode, signal: AbortSignal): Promise<HealthAnswer> {
  client.states.delete(node.name);
  const url = `${node.url}/v1/sys/health`;
  const response = await client.http.requestJson({ url, accept: STATUSES, signal });
  if (!isNodeState(response.status))
    throw new CollectError("unexpected_status", `GET ${url}: status ${response.status}`);
  const body = readShape(healthShape, response.body, `GET ${url}`);
  const state = NODE_STATES[response.status];
  client.states.set(node.name, state);
  return { state, body, response };
}
