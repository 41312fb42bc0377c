import { readFileSync } from "node:fs";
import type { TracesConfig } from "../../../core/evidence-config.ts";
import { startAnswerServer, type Answer, type AnswerServer } from "../../spans/__fixtures__/answer-server.ts";

const LINES = readFileSync(new URL("recorded.ndjson", import.meta.url), "utf8")
  .trim()
  .split("\n");
const CASES = new Map(
  LINES.map((line) => {
    const one = JSON.parse(line) as Answer & { readonly case: string };
    return [one.case, one] as const;
  }),
);

/** What a real Tempo 3.1 answered in this case. */
export function recorded(name: string): Answer {
  const found = CASES.get(name);
  if (found === undefined) throw new Error(`${name} is not recorded`);
  return found;
}

/** Answers each request as it is told, by a recorded case's name or with an answer. */
export async function startRecordedTempo(
  answer: (url: URL, count: number) => string | Answer,
  config: Partial<TracesConfig> = {},
): Promise<AnswerServer> {
  return startAnswerServer((url, count) => {
    const chosen = answer(url, count);
    return typeof chosen === "string" ? recorded(chosen) : chosen;
  }, config);
}
