import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Folder of the package: the one that holds `package.json`, whether the sources or the built files run. */
export const packageRoot = fileURLToPath(new URL("../..", import.meta.url));

const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

/** Version of Watchkeeper. */
export const version: string =
  typeof manifest === "object" && manifest !== null && "version" in manifest ? String(manifest.version) : "unknown";
