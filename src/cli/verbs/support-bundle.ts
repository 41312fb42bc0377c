import { writeFile } from "node:fs/promises";
import { makeSupportBundle, type SupportBundle } from "../../app/support-bundle/support-bundle.ts";
import { ConfigError } from "../../core/errors.ts";
import { loadWebConfig } from "../../server/web-config/load.ts";
import { kinds } from "../kinds.ts";
import { openRunningService, type RunningService, type ServiceOptions } from "../running-service.ts";

/** What `watchkeeper support-bundle` is asked. */
export interface SupportBundleOptions extends Omit<ServiceOptions, "config"> {
  readonly file: string;
  /** File to write, `-` for standard output; named by the day and the time unless given. */
  readonly out?: string;
}

const COMMAND = "support-bundle";

/**
 * Writes a support bundle and says what is in it. Throws `ConfigError` for options that do not fit and a file that can
 * not be written.
 */
export async function supportBundle({ file, out, ...service }: SupportBundleOptions): Promise<void> {
  const now = new Date();
  const target = out ?? `watchkeeper-support-${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z.md`;
  const bundle = await makeSupportBundle({
    kinds,
    file,
    env: process.env,
    checkFurther: async ({ server }) => {
      if (server.web_config_file !== undefined) await loadWebConfig(server.web_config_file);
    },
    service: (hasConfig) => serviceOf(service, hasConfig ? file : undefined),
    now: now.getTime(),
  });
  await write(bundle, target);
}

/** A fault of the configuration is told in the bundle; one of the command line ends the command. */
async function serviceOf(options: ServiceOptions, config: string | undefined): Promise<RunningService | string> {
  try {
    return await openRunningService({ ...options, config }, COMMAND);
  } catch (thrown) {
    if (!(thrown instanceof ConfigError) || thrown.faults.some((fault) => fault.file === COMMAND)) throw thrown;
    return "its address can not be told from the configuration";
  }
}

async function write({ text, missing }: SupportBundle, target: string): Promise<void> {
  const place = target === "-" ? "to standard output" : target;
  if (target === "-") process.stdout.write(text);
  else await writeNew(target, text);
  const lines = [
    `Wrote ${place} (${Math.ceil(Buffer.byteLength(text) / 1024)} KiB). Its beginning says what is in it and what is not.`,
    ...missing.map((sentence) => `Not to be had: ${sentence}`),
    "Read it before you post it: it is made to hold no secret, no name and no address, but only you know what is yours.",
  ];
  process.stderr.write(`${lines.join("\n")}\n`);
}

async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: "wx", mode: 0o600 });
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : String(thrown);
    const message =
      code === "EEXIST" ? "is there already and is left as it is: name a new file" : `can not be written (${code})`;
    throw new ConfigError([{ file, path: "", message }]);
  }
}
