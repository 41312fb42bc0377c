import { readFile } from "node:fs/promises";
import type { SloConfig } from "../../config/slo-schema.ts";
import { ConfigError } from "../../core/errors.ts";
import { shapeReader } from "../../lib/documents/shape-reader.ts";
import { nearestPlace, parseYaml } from "../../lib/yaml.ts";
import { defaultPolicy, policySchema, type Policy } from "../../slo/policy/schema.ts";

const readShape = shapeReader(policySchema);

/** The policy that the configuration gives, reads from a file, or leaves to the engine. Throws `ConfigError`. */
export async function policyOf({ policy, policyFile }: Pick<SloConfig, "policy" | "policyFile">): Promise<Policy> {
  if (policyFile === undefined) return policy ?? defaultPolicy();
  const source = parseYaml(await textOf(policyFile), policyFile);
  if (source.faults.length > 0) throw new ConfigError(source.faults);
  const read = readShape(source.value);
  if ("data" in read) return read.data;
  throw new ConfigError(
    read.faults.map(({ path, key, message }) => ({
      file: policyFile,
      ...nearestPlace(source, path, key),
      path: path.join("."),
      message,
    })),
  );
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (thrown) {
    const why = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown error";
    throw new ConfigError([{ file, path: "", message: `cannot be read: ${why}` }]);
  }
}
