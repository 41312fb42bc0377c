import { CollectError, type CollectReason } from "../../core/errors.ts";

const ADVICE: Partial<Record<CollectReason, string>> = {
  unauthorized:
    "Grafana does not accept `grafana.login`: look whether the token is one of this Grafana, and was neither revoked nor has expired",
  forbidden:
    "the token lacks a right: give its service account the role Editor, or the permission Edit on the folder `watchkeeper`; of another organisation than the first, set `grafana.org_id`",
  invalid_response:
    "something else answers in Grafana's place, such as a login page or a proxy: `grafana.url` is Grafana's own URL with its sub-path, reachable with a token alone",
};

/** A failure with what to do about it; what is no `CollectError` stays as it is. */
export function explain(thrown: unknown): unknown {
  if (!(thrown instanceof CollectError)) return thrown;
  const advice = /status 30[1278]/.test(thrown.message) ? ADVICE.invalid_response : ADVICE[thrown.reason];
  if (advice === undefined) return thrown;
  return new CollectError(thrown.reason, `${thrown.message}. ${capital(advice)}.`, { cause: thrown });
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
