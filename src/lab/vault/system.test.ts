import { expect, test } from "vitest";
import { openLab } from "./__fixtures__/client.ts";

const FILE = { type: "file", options: { file_path: "/var/log/audit.log" } };

test("audit devices are configured, and Vault takes them over the API too", async () => {
  const openbao = await openLab();
  const [bao, token] = [openbao.lab, openbao.lab.rootToken];
  expect((await openbao.ask(bao.nodes[0], "sys/audit", { token })).body).toMatchObject({ data: {} });
  bao.setAuditDevice("main", FILE);
  const entry = { "main/": { ...FILE, description: "", local: false, path: "main/" } };
  expect((await openbao.ask(bao.nodes[1], "sys/audit", { token })).body).toMatchObject({ ...entry, data: entry });
  const refused = [
    await openbao.ask(bao.nodes[0], "sys/audit/more", { method: "PUT", token, body: FILE }),
    await openbao.ask(bao.nodes[0], "sys/audit/main", { method: "DELETE", token }),
  ];
  expect(refused.map(({ status }) => status)).toEqual([400, 400]);
  bao.setAuditDevice("main", undefined);
  expect((await openbao.ask(bao.nodes[0], "sys/audit", { token })).body).toMatchObject({ data: {} });
});

test("Vault's audit devices come and go by the API", async () => {
  const { ask, lab } = await openLab({ flavour: "vault" });
  const token = lab.rootToken;
  const put = () => ask(lab.nodes[1], "sys/audit/team/main", { method: "PUT", token, body: FILE });
  expect([(await put()).status, (await put()).status]).toEqual([204, 400]);
  expect((await ask(lab.nodes[0], "sys/audit", { token })).body).toMatchObject({ data: { "team/main/": FILE } });
  expect((await ask(lab.nodes[0], "sys/audit/team/main", { method: "DELETE", token })).status).toBe(204);
  expect((await ask(lab.nodes[0], "sys/audit", { token })).body).toMatchObject({ data: {} });
});

test("only irrevocable leases are counted", async () => {
  const { ask, lab } = await openLab();
  const token = lab.rootToken;
  lab.setIrrevocableLeases(3);
  const counted = await ask(lab.nodes[0], "sys/leases/count?type=irrevocable", { token });
  expect(counted.body).toMatchObject({ data: { lease_count: 3, counts: { "auth/token/": 3 } } });
  for (const path of ["sys/leases/count", "sys/leases/count?type=other"]) {
    const { status, body } = await ask(lab.nodes[0], path, { token });
    expect([status, body]).toEqual([404, { errors: [] }]);
  }
});

test.each(["sys/mounts", "sys/auth", "sys/key-status"])("%s says the same beside and inside data", async (path) => {
  const { ask, lab } = await openLab();
  const { data, ...beside } = (await ask(lab.nodes[2], path, { token: lab.rootToken })).body as { data: object };
  expect(Object.keys(data).length).toBeGreaterThan(0);
  expect(beside).toMatchObject(data);
});

test("metrics of the active node and of a standby differ, and have a server's own peculiarities", async () => {
  const { ask, lab } = await openLab();
  const scrape = async (node: number): Promise<string> => {
    const { body, headers } = await ask(lab.nodes[node], "sys/metrics?format=prometheus", { token: lab.rootToken });
    expect(headers["content-type"]).toMatch(/^text\/plain; version=0\.0\.4/);
    return String(body);
  };
  lab.setIrrevocableLeases(2);
  lab.createToken({ policies: [], ttl: 60 });
  const [active, standby] = [await scrape(0), await scrape(1)];
  for (const line of [
    "# HELP vault_core_unsealed vault_core_unsealed\n# TYPE vault_core_unsealed gauge\n",
    'vault_core_active{cluster="lab"} 1\n',
    "vault_expire_num_leases 1\n",
    "vault_expire_num_irrevocable_leases 2\n",
    "vault_audit_log_request_failure 0\n",
    'vault_audit_log_request{quantile="0.99"} NaN\n',
    'vault_raft_storage_follower_applied_index_delta{peer_id="lab-2"} 0\n',
    "process_resident_memory_bytes 1.38883072e+08\n",
  ]) {
    expect(active).toContain(line);
  }
  expect(standby).toContain('vault_core_active{cluster="lab"} 0\n');
  expect(standby).not.toContain("vault_expire_num_leases");
  expect(active).not.toContain("leadership_lost");
});

test("every line of the metrics is of the Prometheus format", async () => {
  const { ask, lab } = await openLab();
  lab.nodes[0]?.seal();
  lab.nodes[0]?.unseal();
  lab.nodes[0]?.setMetric('vault_core_unsealed{cluster="lab"}', 1);
  const { body } = await ask(lab.nodes[0], "sys/metrics?format=prometheus", { token: lab.rootToken });
  const lines = String(body).trimEnd().split("\n");
  const line =
    /^(# HELP \w+ \w+|# TYPE \w+ (gauge|counter|summary)|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? (NaN|\d[\d.]*(e[+-]\d\d+)?))$/;
  for (const one of lines) expect(one).toMatch(line);
  expect(lines).toContain("vault_core_leadership_lost_count 1");
  const types = lines.filter((one) => one.startsWith("# TYPE"));
  expect(new Set(types).size).toBe(types.length);
});

test("a sample can be set and taken back", async () => {
  const { ask, lab } = await openLab();
  const text = async (): Promise<string> =>
    String((await ask(lab.nodes[0], "sys/metrics?format=prometheus", { token: lab.rootToken })).body);
  const sample = async (): Promise<string | undefined> =>
    (await text()).split("\n").find((line) => line.startsWith("vault_audit_log_request_failure "));
  lab.nodes[0]?.setMetric("vault_audit_log_request_failure", 4);
  lab.nodes[0]?.setMetric('vault_new{a="b"}', 1);
  lab.nodes[0]?.setMetric('vault_new{a="c"}', 2);
  expect(await text()).toContain('# TYPE vault_new gauge\nvault_new{a="b"} 1\nvault_new{a="c"} 2\n');
  expect(await sample()).toBe("vault_audit_log_request_failure 4");
  lab.nodes[0]?.setMetric("vault_audit_log_request_failure", undefined);
  expect(await sample()).toBe("vault_audit_log_request_failure 0");
});

test("a bad token on a standby gets another answer from metrics than from anything else", async () => {
  const { ask, lab } = await openLab();
  const path = "sys/metrics?format=prometheus";
  const answers = [await ask(lab.nodes[0], path, { token: "s.x" }), await ask(lab.nodes[1], path, { token: "s.x" })];
  expect(answers.map(({ status, body }) => [status, body])).toEqual([
    [403, { errors: ["permission denied"] }],
    [400, { errors: ["cannot forward local-only request"] }],
  ]);
});

test("a standby of Vault redirects a scrape to the active node", async () => {
  const { ask, lab } = await openLab({ flavour: "vault" });
  const { status, headers } = await ask(lab.nodes[1], "sys/metrics?format=prometheus", { token: lab.rootToken });
  expect([status, headers["location"]]).toEqual([307, `${lab.nodes[0]?.url}/v1/sys/metrics?format=prometheus`]);
});

test("metrics may be off, or open to everybody", async () => {
  const off = await openLab({ telemetry: false });
  const answer = await off.ask(off.lab.nodes[0], "sys/metrics?format=prometheus", { token: off.lab.rootToken });
  expect([answer.status, answer.body]).toEqual([400, "prometheus is not enabled"]);
  const open = await openLab({ unauthenticatedMetrics: true, flavour: "vault" });
  for (const node of open.lab.nodes) expect((await open.ask(node, "sys/metrics?format=prometheus")).status).toBe(200);
});
