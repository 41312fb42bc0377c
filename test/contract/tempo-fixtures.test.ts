import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRecordings } from "./tempo-recordings.ts";
import { startReplay, type Replay } from "./tempo-replay.ts";

const recordings = readRecordings();
const NO_REQUEST = "no request, but notes taken around some";
const PROTOBUF = "asks for protobuf, which the stand-in does not write";
const FOR_PEOPLE = "a page for people who run a Tempo";
const FOR_MODELS = "asks for the form for language models";
const GZIP = "its body was recorded as the beginning of a compressed one";

/** What is not compared, or differs from the recorded Tempo, and why. An entry that is not needed fails. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  "generator-remote-write": NO_REQUEST,
  "late-arrival": NO_REQUEST,
  "logs-correlated": NO_REQUEST,
  timing: NO_REQUEST,
  "limit-trace-v2-partial-protobuf": PROTOBUF,
  "search-accept-protobuf": PROTOBUF,
  "trace-v1-found-accept-mixed": PROTOBUF,
  "trace-v1-found-protobuf": PROTOBUF,
  "trace-v2-found-accept-mixed": PROTOBUF,
  "trace-v2-found-protobuf": PROTOBUF,
  "trace-v2-notfound-protobuf": PROTOBUF,
  "mt-status-overrides": FOR_PEOPLE,
  "overrides-status": FOR_PEOPLE,
  status: FOR_PEOPLE,
  "status-endpoints": FOR_PEOPLE,
  "status-services": FOR_PEOPLE,
  "status-version": FOR_PEOPLE,
  "limit-trace-v2-partial-llm": FOR_MODELS,
  "trace-v2-llm": FOR_MODELS,
  "metrics-range-gzip": GZIP,
  "search-gzip": GZIP,
  "limit-trace-v1-too-large": "Tempo says it in two ways, by where the trace lies; the stand-in in one",
  "search-query-too-big": "Node's HTTP server takes no request line of 128 KiB",
  "trace-diff": "an experiment of Tempo: the stand-in compares no traces",
};

let replay: Replay;

beforeAll(async () => {
  replay = await startReplay(recordings);
});

afterAll(() => replay.close());

describe("the stand-in of Tempo answers as the recorded Tempo 3.1 did", () => {
  test("there are 424 recordings", () => {
    expect(recordings).toHaveLength(424);
  });
  test("every exception names a recording", () => {
    const names = recordings.map(({ case: name }) => name);
    expect(names).toEqual(expect.arrayContaining(Object.keys(EXCEPTIONS)));
  });

  const compared = recordings.filter(({ case: name }) => EXCEPTIONS[name] === undefined);
  test.each(compared.map((recording) => [recording.case, recording] as const))("%s", async (_, recording) => {
    expect(await replay.compare(recording)).toEqual([]);
  });

  test.each(Object.entries(EXCEPTIONS))("%s is needed as an exception: %s", async (name) => {
    const recording = recordings.find(({ case: other }) => other === name);
    expect(recording && (await replay.compare(recording))).not.toEqual([]);
  });
});
