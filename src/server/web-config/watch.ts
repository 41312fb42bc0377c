import { seconds, type Duration } from "../../core/duration.ts";
import { repeat, type Repetition } from "../../lib/repeat.ts";
import { loadWebConfig } from "./load.ts";
import type { WebConfig } from "./web-config.ts";

/** What {@link watchWebConfig} looks at, and whom it tells. */
export interface WebConfigWatch {
  /** The configuration in use; its file is the one that is read again. */
  readonly current: () => WebConfig;
  /** Takes a configuration that differs from the one in use. What it throws goes to `failed`. */
  readonly changed: (next: WebConfig) => void;
  /** Hears of a fault, once until something else is seen; the configuration in use stays. */
  readonly failed: (fault: Error) => void;
  /** 30 seconds unless given. */
  readonly every?: Duration;
}

/**
 * Reads the web configuration and its files again and again, so that a renewed certificate is served without a reload.
 * exporter-toolkit reads them at each handshake and request, where a file that is half written refuses every client, or
 * lets every client in; here only what two looks in a row have seen counts, and the last good configuration stays.
 * Contents are compared, not times, so that swapped links of Kubernetes' secrets count too.
 */
export function watchWebConfig({ current, changed, failed, every = seconds(30) }: WebConfigWatch): Repetition {
  let seen: string | undefined;
  let done: string | undefined;
  const once = (key: string, act: () => void): void => {
    const isSteady = key === seen;
    seen = key;
    if (!isSteady || key === done) return;
    done = key;
    act();
  };
  const run = async (): Promise<void> => {
    const look = await lookAt(current().file);
    if (look instanceof Error) return once(look.message, () => failed(look));
    return once(look.digest, () => {
      try {
        if (look.digest !== current().digest) changed(look);
      } catch (thrown) {
        failed(asError(thrown));
      }
    });
  };
  return repeat({ every, after: every, run });
}

const lookAt = (file: string): Promise<WebConfig | Error> => loadWebConfig(file).catch(asError);

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));
