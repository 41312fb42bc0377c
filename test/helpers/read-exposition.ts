/** One sample line, with its family's metadata left to {@link ReadExposition.families}. */
export interface ReadSample {
  readonly name: string;
  readonly labels: readonly (readonly [name: string, value: string])[];
  /** The value's text, such as `1.5` or `NaN`. */
  readonly value: string;
  readonly exemplar: string | undefined;
}

/** The metadata of one family, each field as often as the exposition gives it. */
export interface ReadFamily {
  readonly name: string;
  readonly type: string[];
  readonly help: string[];
  readonly unit: string[];
  readonly samples: ReadSample[];
}

/**
 * Reads a Prometheus or OpenMetrics text exposition strictly and without the encoder's code. Throws on a line that is
 * neither metadata nor a sample, on a family that comes twice, on a sample outside of its family, and in OpenMetrics on
 * anything after or instead of the last `# EOF`.
 */
export function readExposition(text: string, format: "text" | "openmetrics"): ReadFamily[] {
  const lines = text.split("\n");
  if (lines.pop() !== "") throw new Error("the last line does not end with a line feed");
  if (format === "openmetrics" && lines.pop() !== "# EOF") throw new Error("the last line is not # EOF");
  const families: ReadFamily[] = [];
  for (const line of lines) {
    const metadata = /^# (HELP|TYPE|UNIT) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$/s.exec(line);
    if (metadata !== null) readMetadata(families, metadata, format);
    else addSample(families.at(-1), readSample(line));
  }
  return families;
}

function readMetadata(families: ReadFamily[], [, keyword, name = "", rest = ""]: RegExpExecArray, format: string) {
  let family = families.at(-1);
  if (family?.name !== name) {
    if (families.some((other) => other.name === name)) throw new Error(`the family ${name} comes twice`);
    family = { name, type: [], help: [], unit: [], samples: [] };
    families.push(family);
  }
  if (keyword === "TYPE") family.type.push(rest);
  if (keyword === "UNIT") family.unit.push(rest);
  if (keyword === "HELP") family.help.push(unescape(rest, format === "openmetrics" ? '\\n"' : "\\n"));
}

const SUFFIX = /^(?:_total|_info|_bucket|_sum|_count)?$/;

function addSample(family: ReadFamily | undefined, sample: ReadSample): void {
  if (
    family === undefined ||
    !sample.name.startsWith(family.name) ||
    !SUFFIX.test(sample.name.slice(family.name.length))
  )
    throw new Error(`the sample ${sample.name} is outside of its family`);
  family.samples.push(sample);
}

const LABEL_START = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,(?=[a-zA-Z_])|(?=\}))/s;
const VALUE = /^ ([-+]?(?:\d+(?:\.\d+)?(?:e[-+]?\d+)?|Inf)|NaN)(?: # (\{.*\} .*))?$/s;

function readSample(line: string): ReadSample {
  const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0] ?? "";
  const labels: [string, string][] = [];
  let rest = line.slice(name.length);
  if (rest.startsWith("{")) {
    rest = rest.slice(1);
    for (let label = LABEL_START.exec(rest); label !== null; label = LABEL_START.exec(rest)) {
      labels.push([label[1] ?? "", unescape(label[2] ?? "", '\\n"')]);
      rest = rest.slice(label[0].length);
    }
    if (!rest.startsWith("}")) throw new Error(`labels do not end: ${line}`);
    rest = rest.slice(1);
  }
  const value = VALUE.exec(rest);
  if (name === "" || value === null) throw new Error(`not a sample: ${line}`);
  return { name, labels, value: value[1] ?? "", exemplar: value[2] };
}

function unescape(text: string, escapes: string): string {
  return text.replaceAll(/\\(.?)/gs, (escaped, character: string) => {
    if (character === "" || !escapes.includes(character)) throw new Error(`not an escape: ${escaped} in ${text}`);
    return character === "n" ? "\n" : character;
  });
}
