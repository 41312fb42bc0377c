import { isUtf8 } from "node:buffer";
import { hash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { packageRoot } from "../../src/lib/package.ts";
import type { Find } from "./worker.ts";

const FOLDER = ".cache/fuzz";
const SHOWN_INPUT = 2_000;

/** Keeps the input of a find in a file, and says what was found, how to repeat it, and how it becomes a fixture. */
export async function keepFind(target: string, { input, extension, error, seed, fixture }: Find): Promise<string> {
  const name = `${target}-${hash("sha256", input, "hex").slice(0, 12)}.${extension}`;
  const file = join(FOLDER, name);
  await mkdir(join(packageRoot, FOLDER), { recursive: true });
  await writeFile(join(packageRoot, file), input);
  const isText = isUtf8(input);
  const shown = isText ? visible(Buffer.from(input).toString()) : Buffer.from(input).toString("hex");
  const repeat = `npm run fuzz -- --only ${target}`;
  const fixtures = `test/fuzz/__fixtures__/${target}`;
  return [
    `! ${target}: ${error}`,
    `The input${isText ? "" : ", in hexadecimal"} (${input.length} bytes, in ${file}):`,
    shown.length > SHOWN_INPUT ? `${shown.slice(0, SHOWN_INPUT)} ...` : shown,
    ...(seed === undefined ? [] : [`Again: ${repeat} --seed ${seed}`]),
    fixture === undefined
      ? `As a fixture, with which each run begins: mkdir -p ${fixtures} && cp ${file} ${fixtures}/<what-it-shows>.${extension}`
      : `It is the fixture ${fixtures}/${fixture}; again: ${repeat} --minutes 0.01`,
    "",
  ].join("\n");
}

// eslint-disable-next-line no-control-regex
const UNSEEN = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** What a terminal is to show and not to obey. */
const visible = (text: string): string =>
  text.replaceAll(UNSEEN, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
