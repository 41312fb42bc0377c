import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { waitUntil } from "../../../test/helpers/wait-until.ts";
import { milliseconds } from "../../core/duration.ts";
import { Secret } from "../../core/secret.ts";
import { startLabServer, type LabServer } from "../../lab/server.ts";
import { startDeadMan } from "./dead-man.ts";

let server: LabServer;
let running: { stop(): Promise<void> } | undefined;
let isWell: boolean;
let outcomes: string[];
let lines: string[];

beforeEach(async () => {
  server = await startLabServer({ handler: () => ({ status: 200, body: "OK" }) });
  [isWell, outcomes, lines] = [true, [], []];
});
afterEach(async () => {
  await running?.stop();
  await server.close();
});

const start = (url: string): void => {
  running = startDeadMan({
    config: { url: { value: new Secret(url), file: undefined }, every: milliseconds(20) },
    isWell: () => isWell,
    pinged: (outcome) => void outcomes.push(outcome),
    log: pino({}, { write: (line: string) => void lines.push(line) }),
  });
};
const count = (outcome: string): number => outcomes.filter((one) => one === outcome).length;

describe("the dead man's switch", () => {
  it("gets a sign of life again and again", async () => {
    start(`${server.url}/ping/hush-hush`);
    await waitUntil("it was asked three times", () => count("success") >= 3);
    expect(server.requests[0]).toMatchObject({ method: "GET", path: "/ping/hush-hush" });
    expect(lines).toEqual([]);
  });

  it("gets none while deliveries do not work", async () => {
    isWell = false;
    start(`${server.url}/ping`);
    await waitUntil("it is logged", () => lines.length > 0);
    expect(server.requests).toEqual([]);
    expect(outcomes).toEqual([]);
    isWell = true;
    await waitUntil("it was asked", () => count("success") > 0);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain("got no sign of life: deliveries do not work");
  });

  it("logs once that it fails, without the URL, and once that it works again", async () => {
    await server.setFault({ kind: "status", status: 500 });
    start(`${server.url}/ping/hush-hush`);
    await waitUntil("it failed three times", () => count("failure") >= 3);
    await server.setFault(undefined);
    await waitUntil("it works", () => count("success") > 0);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain("status 500");
    expect(lines.join("")).not.toContain("hush-hush");
  });

  it("names a URL that is none without showing it", async () => {
    start("hush-hush");
    await waitUntil("it failed", () => count("failure") > 0);
    expect(lines[0]).toContain("the URL is malformed");
    expect(lines.join("")).not.toContain("hush-hush");
  });
});
