import { asDeliveryError, type DeliveryReason } from "../../core/delivery-errors.ts";
import { seconds, type Duration } from "../../core/duration.ts";

/** The policy's `timeout` of a destination where a delivery takes up to two calls: both, with room to spare. */
export const TWO_CALLS_TIMEOUT: Duration = seconds(20);
const CALL_TIMEOUT = seconds(8);

/**
 * The signal of one of two calls: it ends early enough that a failure is seen here, before the engine gives the attempt
 * up.
 */
export const oneCall = (signal: AbortSignal): AbortSignal =>
  AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT)]);

/** After these the call was certainly not taken, and it will be once the cause is gone. */
const NOT_TAKEN: ReadonlySet<DeliveryReason> = new Set([
  "rate_limited",
  "unreachable",
  "tls_untrusted",
  "unauthorized",
  "credential_unreadable",
]);

/**
 * Makes the second call of a delivery whose first, the edit, was taken. When it certainly was not taken its error is
 * thrown: the engine makes the whole delivery again, and an edit may be made any number of times. In any other case the
 * delivery counts as made, because to repeat it could say the same twice, and the edited message tells everything: what
 * went wrong is given back for the answer. Undefined when all went well.
 */
export async function secondCall(call: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await call();
    return undefined;
  } catch (thrown) {
    const error = asDeliveryError(thrown);
    if (NOT_TAKEN.has(error.reason)) throw error;
    return error.message;
  }
}
