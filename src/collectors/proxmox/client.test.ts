import { describe, expect, it } from "vitest";
import { z } from "zod";
import { CollectError, type CollectReason } from "../../core/errors.ts";
import type { HttpClient } from "../../lib/http/client.ts";
import { ProxmoxClient } from "./client.ts";
import { proxmoxConfig } from "./config.ts";
import { Permissions, permissionsShape } from "./permissions/held.ts";

const SERVERS = ["https://a:8006", "https://b:8006", "https://c:8006"] as const;
const signal = new AbortController().signal;

type Answer = (server: string, path: string) => unknown;

/** A client over servers that answer as given; an answer that is an Error is thrown. */
function makeClient(answer: Answer): { readonly client: ProxmoxClient; readonly asked: string[] } {
  const asked: string[] = [];
  const requestJson = async ({ url }: { readonly url: unknown }) => {
    const [server = "", path = ""] = String(url).split("/api2/json/");
    asked.push(`${new URL(server).hostname} ${path}`);
    const data = await answer(server, path);
    if (data instanceof Error) throw data;
    return { body: { data } };
  };
  const http = { requestJson, close: async () => {} } as unknown as HttpClient;
  const config = { name: "x", nodes: [...SERVERS], token_id: "a@pve!b", token_secret: "hunter2" };
  return { client: new ProxmoxClient(proxmoxConfig.parse(config), http), asked };
}

const fail = (reason: CollectReason): CollectError => new CollectError(reason, reason);
const memberRows = (quorate: 0 | 1, online: readonly string[]) => [
  { type: "cluster", name: "lab", id: "cluster", quorate },
  ...["a", "b", "c"].map((name) => ({ type: "node", name, id: `node/${name}`, online: online.includes(name) ? 1 : 0 })),
];
const clusterOf =
  (members: (server: string) => unknown): Answer =>
  (server, path) =>
    path === "cluster/status" ? members(server) : [];

describe("ProxmoxClient", () => {
  it("asks the next server when one is down, and that one first from then on", async () => {
    const { client, asked } = makeClient((server) => (server === SERVERS[0] ? fail("connection_refused") : "fine"));
    expect(await client.askCluster("x", z.string(), signal)).toBe("fine");
    expect(await client.askCluster("y", z.string(), signal)).toBe("fine");
    expect(asked).toEqual(["a x", "b x", "b y"]);
  });

  it("throws the first failure when all servers are down", async () => {
    const { client } = makeClient((server) => fail(server === SERVERS[0] ? "timeout" : "connection_refused"));
    await expect(client.askCluster("x", z.string(), signal)).rejects.toMatchObject({ reason: "timeout" });
  });

  it.each(["unauthorized", "forbidden", "server_error", "node_unreachable", "not_found"] as const)(
    "takes %s for the cluster's answer, which another server would give too",
    async (reason) => {
      const { client, asked } = makeClient(() => fail(reason));
      await expect(client.askNode("c", "x", z.string(), signal)).rejects.toMatchObject({ reason });
      expect(asked).toEqual(["a nodes/c/x"]);
    },
  );

  it("leaves a server that hangs, but not one that only waits for a node that does", async () => {
    const hangs = (hung: string): Answer => {
      return (server, path) => (server === hung || path.includes("/c/") ? fail("timeout") : "fine");
    };
    const waiting = makeClient(hangs(""));
    await expect(waiting.client.askNode("c", "x", z.string(), signal)).rejects.toMatchObject({ reason: "timeout" });
    expect(waiting.asked).toEqual(["a nodes/c/x", "a version"]);
    const hung = makeClient(hangs(SERVERS[0]));
    expect(await hung.client.askNode("b", "x", z.string(), signal)).toBe("fine");
    expect(hung.asked).toEqual(["a nodes/b/x", "a version", "b nodes/b/x"]);
  });

  it("has at most three calls for a node in flight, and does not let other nodes wait", async () => {
    const inFlight = new Map<string, number>();
    const end = Promise.withResolvers<void>();
    let most = 0;
    const { client } = makeClient(async (_, path) => {
      const node = path.split("/")[1] ?? "";
      const now = (inFlight.get(node) ?? 0) + 1;
      inFlight.set(node, now);
      most = Math.max(most, now);
      if (node === "hung") await end.promise;
      await new Promise((resolve) => setImmediate(resolve));
      inFlight.set(node, (inFlight.get(node) ?? 0) - 1);
      return "fine";
    });
    const ten = (name: string) =>
      Promise.all(Array.from({ length: 10 }, () => client.askNode(name, "x", z.string(), signal)));
    const hung = ten("hung");
    await ten("well");
    end.resolve();
    await hung;
    expect(most).toBe(3);
  });

  it("writes the name of a node into the path as a name", async () => {
    const { client, asked } = makeClient(() => "fine");
    await client.askNode("../../access", "x", z.string(), signal);
    expect(asked).toEqual(["a nodes/..%2F..%2Faccess/x"]);
  });

  it("shares one look at the cluster", async () => {
    const { client, asked } = makeClient(clusterOf(() => memberRows(1, ["a", "c"])));
    const [first, second] = await Promise.all([client.inventory(signal), client.inventory(signal)]);
    expect(first).toBe(second);
    expect(first.onlineNodes).toEqual(["a", "c"]);
    expect(asked).toHaveLength(2);
  });

  it("does not keep a failed look", async () => {
    let isDown = true;
    const { client } = makeClient(clusterOf(() => (isDown ? fail("forbidden") : memberRows(1, ["a"]))));
    await expect(client.inventory(signal)).rejects.toMatchObject({ reason: "forbidden" });
    isDown = false;
    expect((await client.inventory(signal)).onlineNodes).toEqual(["a"]);
  });

  it("looks once more for all that waited for a look that failed", async () => {
    let looks = 0;
    const { client, asked } = makeClient(
      clusterOf(() => ((looks += 1) === 1 ? fail("server_error") : memberRows(1, ["a"]))),
    );
    const seen = await Promise.all([1, 2, 3, 4, 5].map(() => client.inventory(signal).catch(() => undefined)));
    expect(seen.filter((each) => each !== undefined)).toHaveLength(4);
    expect(asked).toHaveLength(4);
  });

  it("calls a cluster without a node a wrong answer", async () => {
    const { client } = makeClient(clusterOf(() => null));
    await expect(client.inventory(signal)).rejects.toMatchObject({ reason: "unexpected_shape" });
  });

  it("believes the majority rather than a node that is cut off from it", async () => {
    const answer = clusterOf((server) => (server === SERVERS[0] ? memberRows(0, ["a"]) : memberRows(1, ["b", "c"])));
    const { client } = makeClient(answer);
    expect((await client.readInventory(signal)).onlineNodes).toEqual(["b", "c"]);
  });

  it("goes on without a majority when there is none", async () => {
    const { client } = makeClient(clusterOf(() => memberRows(0, ["a"])));
    expect((await client.readInventory(signal)).status.cluster?.quorate).toBe(false);
  });
});

describe("Permissions", () => {
  const permissions = (found: object) => new Permissions(permissionsShape.parse(found));

  it("passes on what is passed on", () => {
    const held = permissions({ "/": { "Sys.Audit": 1, "Sys.Modify": 0 }, "/nodes": { "Sys.Audit": 1 } });
    expect(held.holds("Sys.Audit", "/nodes/pve1")).toBe(true);
    expect(held.holds("Sys.Modify", "/")).toBe(true);
    expect(held.holds("Sys.Modify", "/nodes/pve1")).toBe(false);
    expect(permissions({ "/nodes": { "Sys.Audit": 0 } }).holds("Sys.Audit", "/nodes/pve1")).toBe(false);
  });

  it("takes a main path that is not told for one without rights", () => {
    const held = permissions({ "/": { "VM.Audit": 1 } });
    expect(held.holds("VM.Audit", "/vms/100")).toBe(false);
    expect(held.isEmpty).toBe(false);
    expect(permissions({}).isEmpty).toBe(true);
  });
});
