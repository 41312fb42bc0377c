import { readFile, stat } from "node:fs/promises";
import { CollectError } from "../core/errors.ts";
import { Secret } from "../core/secret.ts";

/** Where a secret comes from, as the configuration has it; a file wins over a value. */
export interface SecretSource {
  readonly value?: Secret | undefined;
  /** Path of the file that holds it. */
  readonly file?: string | undefined;
}

/** Far above any token, key or certificate chain. */
const MAX_FILE_BYTES = 1024 * 1024;

/**
 * Gives a secret. A file is read anew at each call, so that a rotated one counts at once; white space around its text,
 * such as the last line break, is not part of it. Throws `credential_unreadable` with the path and the system's code.
 */
export async function readSecret({ value, file }: SecretSource): Promise<Secret> {
  if (file !== undefined) return new Secret(await readSecretFile(file));
  if (value === undefined) throw new CollectError("credential_unreadable", "no credential is configured");
  if (value.reveal() === "") throw new CollectError("credential_unreadable", "the configured credential is empty");
  return value;
}

async function readSecretFile(file: string): Promise<string> {
  let text: string;
  try {
    const found = await stat(file);
    // Reading a pipe or a device could wait for ever.
    if (!found.isFile()) throw unreadable(file, "it is not a file");
    if (found.size > MAX_FILE_BYTES) throw unreadable(file, `it is larger than ${MAX_FILE_BYTES} bytes`);
    text = (await readFile(file, "utf8")).trim();
  } catch (error) {
    if (error instanceof CollectError) throw error;
    throw unreadable(file, error instanceof Error && "code" in error ? String(error.code) : "it can not be read");
  }
  if (text === "") throw unreadable(file, "it is empty");
  return text;
}

function unreadable(file: string, why: string): CollectError {
  return new CollectError("credential_unreadable", `the credential file ${file} is not usable: ${why}`);
}
