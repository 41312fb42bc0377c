import type { TrueNasRelease } from "./contract.ts";
import { callError, FailedCall } from "./failure.ts";
import type { LabMethod } from "./methods/contract.ts";
import { authMethods } from "./methods/core-auth.ts";
import type { CoreMethod, CoreMethods, ReceivedCall } from "./methods/core-contract.ts";
import { coreMethods } from "./methods/core.ts";
import { hasRole, secondsOf } from "./nas.ts";
import { existsIn } from "./releases.ts";
import { ROOMS } from "./rooms.ts";

const CORE: CoreMethods = { ...coreMethods, ...authMethods };

/** A method of the server: one that needs its socket, or one of the rooms. */
export type FoundMethod = ({ readonly core: CoreMethod } | { readonly room: LabMethod }) & {
  /** Whether it may be called without a login. */
  readonly open: boolean;
};

/** Finds a method of the release; throws {@link FailedCall}. */
export function findMethod(name: string, release: TrueNasRelease): FoundMethod {
  const core = Object.hasOwn(CORE, name) ? CORE[name] : undefined;
  if (core !== undefined && existsIn(release, core)) return { core, open: core.open === true };
  const room = Object.hasOwn(ROOMS, name) ? ROOMS[name] : undefined;
  if (room !== undefined && existsIn(release, room)) return { room, open: false };
  throw new FailedCall({ kind: "protocol", code: -32_601, message: "Method does not exist" });
}

/**
 * How the method is called: its limits and roles first. The call throws {@link FailedCall} or what the method throws.
 */
export function callOf(name: string, method: FoundMethod): (call: ReceivedCall) => unknown {
  return (call) => {
    const { nas, session, params, release } = call;
    admit(name, method, call);
    if ("core" in method) return method.core.call(call);
    const date = (unixSeconds: number): unknown => ({ $date: Math.round(unixSeconds * 1000) });
    const role = method.room.role;
    if (role !== undefined && (session.key === undefined || !hasRole(nas, session.key, role)))
      throw new FailedCall(callError("EACCES", "Not authorized"));
    return method.room.call({ state: nas.state, release, params, now: () => secondsOf(nas), date });
  };
}

function admit(name: string, method: FoundMethod, { nas, session, address }: ReceivedCall): void {
  if (session.key !== undefined) return;
  if (!method.open) throw new FailedCall(callError("ENOTAUTHENTICATED", "Not authenticated"));
  if (!nas.limit.exceededBy(name, address)) return;
  nas.stats.limited += 1;
  throw new FailedCall(callError("EBUSY", "Rate Limit Exceeded"));
}
