import { cpuSince } from "./costs.ts";

const REPETITIONS = 5;

/** Calls `work`; gives the texts that it parsed as JSON. */
export async function recordParsed(work: () => Promise<unknown>): Promise<readonly string[]> {
  const texts: string[] = [];
  const { parse } = JSON;
  JSON.parse = (text: string, ...rest: []): unknown => {
    texts.push(text);
    return parse(text, ...rest) as unknown;
  };
  try {
    await work();
  } finally {
    JSON.parse = parse;
  }
  return texts;
}

/** Milliseconds of computing that `JSON.parse` of the texts takes, once warm. */
export function parseCost(texts: readonly string[]): number {
  const parseAll = (): void => texts.forEach((text) => JSON.parse(text));
  parseAll();
  const before = process.cpuUsage();
  for (let i = 0; i < REPETITIONS; i++) parseAll();
  return cpuSince(before) / REPETITIONS;
}
