import type { Service } from "../../server/start-service.ts";

/**
 * Runs the service until SIGTERM or SIGINT; SIGHUP reloads the configuration. Signals count from the first moment, also
 * those that come while it starts: the first process of a container would not hear them otherwise, any other would be
 * ended.
 */
export async function serve(file: string): Promise<void> {
  const starting = Promise.withResolvers<Service>();
  const { promise: started } = starting;
  process.on("SIGHUP", () => void started.then(({ runtime }) => runtime.reload()).catch(() => undefined));
  const stop = (): void => {
    // a second signal ends the process at once
    process.once("SIGTERM", () => process.exit(1)).once("SIGINT", () => process.exit(1));
    void started.then((service) => service.stop()).then(() => process.exit(0));
  };
  process.once("SIGTERM", stop).once("SIGINT", stop);
  starting.resolve(await start(file));
}

/** Loaded only when signals are heard, because it takes most of a second. */
async function start(file: string): Promise<Service> {
  const [{ startService }, { packs }, { notifiers }, { createLogger }] = await Promise.all([
    import("../../server/start-service.ts"),
    import("../../collectors/index.ts"),
    import("../../notifiers/index.ts"),
    import("../../lib/log.ts"),
  ]);
  return startService({ packs, notifiers, file, env: process.env, log: createLogger });
}
