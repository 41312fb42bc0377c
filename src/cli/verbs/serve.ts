import { packs } from "../../collectors/index.ts";
import { notifiers } from "../../notifiers/index.ts";
import { createLogger } from "../../lib/log.ts";
import { startService } from "../../server/service.ts";

/** Runs the service until SIGTERM or SIGINT; SIGHUP reloads the configuration. */
export async function serve(file: string): Promise<void> {
  const service = await startService({ packs, notifiers, file, env: process.env, log: createLogger });
  process.on("SIGHUP", () => void service.runtime.reload().catch(() => undefined));
  const stop = (): void => {
    // a second signal ends the process at once
    process.once("SIGTERM", () => process.exit(1)).once("SIGINT", () => process.exit(1));
    void service.stop().then(() => process.exit(0));
  };
  process.once("SIGTERM", stop).once("SIGINT", stop);
}
