import Fastify, { type FastifyInstance } from "fastify";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { Secret } from "../../core/secret.ts";
import { createHttpClient, type HttpClient } from "../../lib/http/client.ts";
import { httpSlo } from "./__fixtures__/slos.ts";
import { sloRules } from "./groups.ts";
import { pushSloRules, type Ruler } from "./mimir-push.ts";

interface StoredGroup {
  readonly name: string;
  readonly rules: readonly unknown[];
}

/** Keeps groups as Mimir does, with its answers. Source: https://grafana.com/docs/mimir/latest/references/http-api/ */
class FakeRuler {
  readonly app: FastifyInstance = Fastify();
  readonly stored = new Map<string, StoredGroup>();
  readonly calls: string[] = [];
  readonly headers: unknown[] = [];
  mostRules = 50;

  constructor() {
    const path = "/prometheus/config/v1/rules/:namespace";
    this.app.addContentTypeParser("application/yaml", { parseAs: "string" }, (_, body, done) => done(null, body));
    this.app.get<{ Params: { namespace: string } }>(path, async (request, reply) => {
      this.headers.push([request.headers["x-scope-orgid"], request.headers.authorization]);
      if (this.stored.size === 0) return reply.code(404).send("no rule groups found");
      const found = { [request.params.namespace]: [...this.stored.values()] };
      return reply.type("application/yaml").send(stringify(found));
    });
    this.app.post<{ Body: string }>(path, async (request, reply) => {
      const group = parse(request.body) as StoredGroup;
      const { length } = group.rules;
      if (length > this.mostRules)
        return reply
          .code(400)
          .type("text/plain")
          .send(`per-user rules per rule group limit (limit: ${this.mostRules} actual: ${length}) exceeded\n`);
      this.calls.push(`write ${group.name}`);
      this.stored.set(group.name, group);
      return reply.code(202).send({ status: "success" });
    });
    this.app.delete<{ Params: { group: string } }>(`${path}/:group`, async (request, reply) => {
      this.calls.push(`delete ${request.params.group}`);
      this.stored.delete(request.params.group);
      return reply.code(202).send({ status: "success" });
    });
  }
}

describe("pushing rules to a ruler", () => {
  let fake: FakeRuler;
  let client: HttpClient;
  let ruler: Ruler;
  const groups = sloRules([httpSlo()], { externalUrl: "https://wk.example.org" });
  const [fast, slow] = groups.map(({ name }) => name);

  beforeEach(async () => {
    fake = new FakeRuler();
    await fake.app.listen({ port: 0, host: "127.0.0.1" });
    const { port } = fake.app.server.address() as AddressInfo;
    client = createHttpClient();
    ruler = { url: `http://127.0.0.1:${port}/prometheus`, namespace: "slo/shop", tenant: "home" };
  });
  afterEach(async () => {
    await client.close();
    await fake.app.close();
  });

  it("writes what is new, as it was generated, for the tenant and with its credentials", async () => {
    const push = pushSloRules(client, { ...ruler, authorization: new Secret("Bearer abc") }, groups);
    expect(await push).toEqual({ written: [fast, slow], unchanged: [], deleted: [], left: [] });
    expect([...fake.stored.values()]).toEqual(groups);
    expect(fake.headers).toEqual([["home", "Bearer abc"]]);
  });

  it("writes nothing that is there already", async () => {
    await pushSloRules(client, ruler, groups);
    fake.calls.length = 0;
    expect(await pushSloRules(client, ruler, groups)).toEqual({
      written: [],
      unchanged: [fast, slow],
      deleted: [],
      left: [],
    });
    expect(fake.calls).toEqual([]);
  });

  it("puts back what somebody changed, and deletes what is too many last", async () => {
    await pushSloRules(client, ruler, groups);
    fake.stored.set(String(fast), { name: String(fast), rules: [] });
    fake.stored.set("old", { name: "old", rules: [] });
    fake.calls.length = 0;
    expect(await pushSloRules(client, ruler, groups)).toEqual({
      written: [fast],
      unchanged: [slow],
      deleted: ["old"],
      left: [],
    });
    expect(fake.calls).toEqual([`write ${fast}`, "delete old"]);
    expect([...fake.stored.values()]).toEqual(groups);
  });

  it("leaves alone what is not about SLOs, and all that is there when not every SLO could be read", async () => {
    const foreign = { name: "infra", rules: [{ alert: "Down", expr: "up == 0", labels: { severity: "critical" } }] };
    const old = { name: "old", rules: [{ record: "a", expr: "1", labels: { slo_id: "shop-old" } }] };
    for (const group of [foreign, old]) fake.stored.set(group.name, group);
    expect(await pushSloRules(client, ruler, groups, true)).toMatchObject({ deleted: [], left: ["infra", "old"] });
    expect(await pushSloRules(client, ruler, groups)).toMatchObject({ deleted: ["old"], left: ["infra"] });
    expect(fake.stored.get("infra")).toEqual(foreign);
  });

  it("says what to do about a limit, in the ruler's words too, and deletes nothing then", async () => {
    fake.mostRules = 5;
    fake.stored.set("old", { name: "old", rules: [] });
    await expect(pushSloRules(client, ruler, groups)).rejects.toThrow(
      /refused the group slo-shop-requests-fast of 10 rules: per-user rules per rule group limit \(limit: 5 actual: 10\) exceeded\. Rulers bound/,
    );
    expect(fake.stored.has("old")).toBe(true);
  });
});
