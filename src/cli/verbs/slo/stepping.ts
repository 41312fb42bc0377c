import { minutes, parseDuration, seconds, type Duration } from "../../../core/duration.ts";
import { usage } from "./specs.ts";

/** How counters are read, as the command line says it; the same for rules, for their tests and for what they cost. */
export interface SteppingOptions {
  readonly step: string;
  readonly lag: string;
}

/** The step and the lag that rules are written with. Throws `ConfigError`. */
export const steppingOf = ({ step, lag }: SteppingOptions): { readonly step: Duration; readonly lag: Duration } => ({
  step: stepOf(step),
  lag: lagOf(lag),
});

/** So that whole steps make 5 minutes. */
function stepOf(step: string): Duration {
  const read = parseDuration(step);
  if (read !== undefined && read >= seconds(5) && read <= minutes(1) && minutes(5) % read === 0) return read;
  throw usage(`--step is a part of 5 minutes from 5s to 1m, such as 15s or 30s, not ${step}`);
}

function lagOf(lag: string): Duration {
  const read = parseDuration(lag);
  if (read !== undefined && read <= minutes(2)) return read;
  throw usage(`--lag is a duration up to 2m, such as 15s, not ${lag}`);
}
