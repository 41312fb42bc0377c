import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { milliseconds, seconds } from "../../core/duration.ts";
import { CollectError } from "../../core/errors.ts";
import { closeRpcServers, startRpcServer, type RpcServer, type ServerCall } from "../../../test/helpers/rpc-server.ts";
import type { RpcClient } from "./contract.ts";
import { RpcError } from "./rpc-error.ts";

let server: RpcServer;
beforeAll(async () => {
  server = await startRpcServer();
});
afterAll(closeRpcServers);

type Fate = "answer" | "answer twice" | "hold" | "fail" | "drop" | "noise" | "half" | "hang" | "session";

/** What the server does to each call, in the order in which they come; held answers go out in reverse. */
function play(fates: readonly Fate[]): (call: ServerCall) => void {
  const held: ServerCall[] = [];
  let next = 0;
  const answer = (call: ServerCall): void => call.answer({ of: call.params[0] });
  return (call) => {
    const fate = fates[next++] ?? "answer";
    if (fate === "hold") return void held.push(call);
    for (const one of held.splice(0).toReversed()) answer(one);
    if (fate === "answer" || fate === "answer twice") answer(call);
    if (fate === "answer twice") answer(call);
    if (fate === "fail") call.fail(-32001, "no", call.params[0]);
    if (fate === "session") call.fail(-32001, "session");
    if (fate === "noise") call.socket.send("no JSON");
    if (fate === "half") call.socket.send(`{"jsonrpc":`, { fin: false });
    if (fate === "half" || fate === "drop") call.socket.terminate();
  };
}

/** What became of one call, when it is not one of the ways in which it may end. */
async function outcomeOf(client: RpcClient, n: number): Promise<unknown> {
  const right = "as it should be";
  try {
    const result = await client.call({ method: "echo", params: [n], timeout: milliseconds(40) });
    return isDeepStrictEqual(result, { of: n }) ? right : result;
  } catch (thrown) {
    if (!(thrown instanceof RpcError)) return thrown instanceof CollectError ? right : thrown;
    const { message, data } = thrown.failure;
    return message === "session" || data === n ? right : thrown;
  }
}

it("no interleaving of answers, faults and drops loses a call, or gives it another's answer", async () => {
  const fate = fc.constantFrom<Fate>(
    "answer",
    "answer twice",
    "hold",
    "fail",
    "drop",
    "noise",
    "half",
    "hang",
    "session",
  );
  const run = async (fates: readonly Fate[], maxInFlight: number): Promise<void> => {
    server.onCall = play(fates);
    const client = server.client({ maxInFlight, isSessionLost: ({ message }) => message === "session" });
    const outcomes = await Promise.all(fates.map(async (_, n) => outcomeOf(client, n)));
    expect(outcomes).toEqual(fates.map(() => "as it should be"));
    server.onCall = (call) => call.answer("alive");
    expect(await client.call({ method: "after", timeout: seconds(5) })).toBe("alive");
    await client.close();
  };
  await fc.assert(
    fc.asyncProperty(fc.array(fate, { minLength: 1, maxLength: 16 }), fc.integer({ min: 1, max: 8 }), run),
    { numRuns: 60 },
  );
}, 60_000);
