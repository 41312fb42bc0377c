import type { Logger } from "pino";
import type { AlertingConfig } from "../../core/alerting-config.ts";
import { milliseconds, seconds } from "../../core/duration.ts";
import { asCollectError } from "../../core/errors.ts";
import { createHttpClient } from "../../lib/http/client.ts";
import { repeat } from "../../lib/repeat.ts";
import { readSecret } from "../../lib/secret-source.ts";

/** What the signs of life to a dead man's switch need. */
export interface DeadManOptions {
  readonly config: NonNullable<AlertingConfig["deadMan"]>;
  /** Whether deliveries work: the last write to the store succeeded, and every worker turns. */
  isWell(): boolean;
  /** Is told of each request that was made. */
  pinged(outcome: "success" | "failure"): void;
  readonly log: Logger;
}

const TIMEOUTS = { connect: seconds(5), headers: seconds(10), total: seconds(10) };

/**
 * Asks for a URL again and again as long as deliveries work, so that somebody outside notices when they do not. The URL
 * is a secret; a file that holds it is read anew each time.
 */
export function startDeadMan(options: DeadManOptions): { stop(): Promise<void> } {
  const { config, isWell, pinged, log } = options;
  const client = createHttpClient({ timeouts: TIMEOUTS, maxBodyBytes: 64 * 1024 });
  let trouble: string | undefined;
  const changeTo = (now: string | undefined): void => {
    if (now !== undefined && trouble === undefined) log.warn(`the dead man's switch got no sign of life: ${now}`);
    if (now === undefined && trouble !== undefined) log.info("the dead man's switch gets signs of life again");
    trouble = now;
  };
  const ping = async (signal: AbortSignal): Promise<void> => {
    if (!isWell()) return changeTo("deliveries do not work");
    try {
      await client.request({ url: await readSecret(config.url), headers: { accept: "*/*" }, signal });
      pinged("success");
      changeTo(undefined);
    } catch (thrown) {
      if (signal.aborted) return;
      pinged("failure");
      changeTo(asCollectError(thrown).message);
    }
  };
  const pinging = repeat({ every: config.every, after: milliseconds(0), run: ping });
  return {
    async stop() {
      await pinging.stop();
      await client.close();
    },
  };
}
