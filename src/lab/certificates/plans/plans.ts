import { CHAIN_PLANS } from "./chains.ts";
import { LEAF_PLANS } from "./leaves.ts";
import type { Plan } from "./plan.ts";
import { REVOCATION_PLANS } from "./revocation.ts";
import { PROTOCOL_PLANS, SESSION_PLANS } from "./sessions.ts";

const ALL = { ...LEAF_PLANS, ...CHAIN_PLANS, ...REVOCATION_PLANS, ...SESSION_PLANS, ...PROTOCOL_PLANS };

/** The name of an endpoint of the lab. */
export type EndpointName = keyof typeof ALL;

/** All endpoints of the lab. */
export const PLANS: Readonly<Record<EndpointName, Plan>> = ALL;

/** Their names, in order. */
export const ENDPOINT_NAMES = Object.keys(ALL) as readonly EndpointName[];
