import { once } from "node:events";
import { connect, type NetConnectOpts, Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { closeServers, startServer } from "./__fixtures__/servers.ts";
import type { Address } from "./addresses.ts";
import { connectAny } from "./connect.ts";

afterEach(closeServers);

const signal = new AbortController().signal;
const loopback = (last: number): Address => ({ address: `127.0.0.${last}`, family: 4 });
const SILENT: Address = { address: "192.0.2.1", family: 4 };

/** Connects as Node does, but for an address where nobody ever answers. */
function openWithSilence(silent: Socket[]) {
  return (options: NetConnectOpts): Socket => {
    if (!("host" in options) || options.host !== SILENT.address) return connect(options);
    const socket = new Socket();
    silent.push(socket);
    return socket;
  };
}

test("an address that refuses gives way to the next one", async () => {
  const { port } = await startServer(() => {}, "127.0.0.3");
  const { socket, address } = await connectAny([loopback(2), loopback(3)], port, signal);
  expect(address).toEqual(loopback(3));
  socket.destroy();
});

test("an address that does not answer is not waited for, and given up when another one is there", async () => {
  const { port } = await startServer(() => {});
  const silent: Socket[] = [];
  const { socket, address } = await connectAny([SILENT, loopback(1)], port, signal, openWithSilence(silent));
  expect(address).toEqual(loopback(1));
  expect(socket.destroyed).toBe(false);
  expect(silent.map(({ destroyed }) => destroyed)).toEqual([true]);
  socket.destroy();
});

test("when all refuse, each one's error is there", async () => {
  const { port } = await startServer(() => {});
  await expect(connectAny([loopback(2), loopback(3)], port, signal)).rejects.toMatchObject({
    errors: [{ code: "ECONNREFUSED" }, { code: "ECONNREFUSED" }],
  });
  await expect(connectAny([loopback(2)], port, signal)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("a caller that gives up is obeyed at once", async () => {
  const controller = new AbortController();
  const silent: Socket[] = [];
  const connecting = connectAny([SILENT, SILENT], 443, controller.signal, openWithSilence(silent));
  controller.abort(new Error("enough"));
  await expect(connecting).rejects.toThrow("enough");
  expect(silent.map(({ destroyed }) => destroyed)).toEqual([true]);
  await expect(connectAny([SILENT], 443, controller.signal)).rejects.toThrow("enough");
});

test("an error of a connection that was given away harms nobody", async () => {
  const { port } = await startServer((socket) => socket.once("data", () => socket.resetAndDestroy()));
  const { socket } = await connectAny([loopback(1)], port, signal);
  socket.write("x");
  await once(socket, "close").catch(() => {});
  expect(socket.destroyed).toBe(true);
});
