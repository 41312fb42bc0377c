import { openRunningService, type ServiceOptions } from "../running-service.ts";

/**
 * Asks a running service whether it is alive, and prints its answer. Throws `ConfigError` for options that do not fit,
 * and `CollectError` when it does not answer, or with another status than 200 to 299.
 */
export async function health(options: ServiceOptions): Promise<void> {
  const service = await openRunningService(options, "health");
  try {
    const { text } = await service.get("-/healthy");
    process.stdout.write(`${text.trim()}\n`);
  } finally {
    await service.close();
  }
}
