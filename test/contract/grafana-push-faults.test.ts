import { afterEach, describe, expect, it } from "vitest";
import { LAB_GRAFANA_ACCOUNT, type GrafanaLab } from "../../src/lab/grafana/grafana-lab.ts";
import { failureOf } from "../../src/lib/http/__fixtures__/failures.ts";
import {
  APIS,
  closeGrafanas,
  dashboard,
  fates,
  pushTo,
  saveAs,
  start,
  TWO,
  writesOf,
} from "./grafana-push-fixtures.ts";

afterEach(closeGrafanas);

describe.each(APIS.map(([version]) => ({ version })))("a push to a troubled Grafana $version", ({ version }) => {
  const WRITE = version === "11.6.0" ? "/api/dashboards/db" : "/apis/dashboard.grafana.app";
  /** Method of a change. */
  const CHANGE = version === "11.6.0" ? "POST" : "PUT";

  it("reads again when somebody saves at the same moment, and does not overwrite that", async () => {
    const lab = await start({ version });
    await pushTo(lab, [dashboard("a", { description: "old" })]);
    lab.onNext({ method: CHANGE, path: WRITE }, (truly) => {
      saveAs(lab, "watchkeeper-a", { panels: [] });
      return truly();
    });
    const { dashboards } = await pushTo(lab, [dashboard("a")]);
    expect(dashboards).toEqual([
      expect.objectContaining({ fate: "refused", why: expect.stringContaining("anna") as string }),
    ]);
    expect(lab.store.now("watchkeeper-a")?.spec).toMatchObject({ description: "old", panels: [] });
  });

  it("gives one dashboard up when it is saved twice meanwhile, and goes on", async () => {
    const lab = await start({ version });
    await pushTo(lab, [dashboard("a", { description: "old" })]);
    lab.onNext({ method: CHANGE, path: WRITE, times: 2 }, (truly) => {
      saveAs(lab, "watchkeeper-a", { panels: [] });
      return truly();
    });
    const result = await pushTo(lab, TWO, { force: true });
    expect(fates(result)).toEqual(["failed a", "created b"]);
    expect(result.dashboards[0]?.why).toContain("twice");
  });

  it("knows its own write whose answer was lost", async () => {
    const lab = await start({ version });
    const lose = (truly: () => unknown) => (truly(), "abort" as const);
    lab.onNext({ method: "POST", path: WRITE }, lose);
    expect(fates(await pushTo(lab))).toEqual(["created a", "created b"]);
    lab.onNext({ method: CHANGE, path: WRITE }, lose);
    expect(fates(await pushTo(lab, [dashboard("a", { refresh: "1m" })]))).toEqual(["changed a"]);
    expect(lab.store.dashboards.get("watchkeeper-a")?.saves).toHaveLength(2);
    lab.onNext({ method: "DELETE", path: "/" }, lose);
    expect(fates(await pushTo(lab, [], { prune: true }))).toEqual(["pruned a", "pruned b"]);
    expect(lab.store.dashboards.size).toBe(0);
  });

  it("takes a folder that another push made at the same moment, and its own whose answer was lost", async () => {
    const path = version === "11.6.0" ? "/api/folders" : "/apis/folder.grafana.app";
    const lab = await start({ version });
    lab.onNext({ method: "POST", path }, (truly) => {
      lab.store.folders.set("watchkeeper", { title: "Watchkeeper", by: "x" });
      return truly();
    });
    expect(fates(await pushTo(lab))).toEqual(["created a", "created b"]);
    const other = await start({ version });
    other.onNext({ method: "POST", path }, (truly) => (truly(), "abort"));
    expect(fates(await pushTo(other))).toEqual(["created a", "created b"]);
  });

  const resourceVersions = version === "11.6.0" ? [] : [version];
  it.each(resourceVersions)("does not delete what somebody saves at the same moment (%s)", async () => {
    const lab = await start({ version });
    await pushTo(lab, [dashboard("a")]);
    lab.onNext({ method: "DELETE", path: WRITE }, (truly) => {
      saveAs(lab, "watchkeeper-a", { panels: [] });
      return truly();
    });
    expect(fates(await pushTo(lab, [], { prune: true }))).toEqual(["refused a"]);
    expect(lab.store.now("watchkeeper-a")?.spec["panels"]).toEqual([]);
  });

  it("asks again after 429 and 5xx", async () => {
    const lab = await start({ version });
    lab.onNext({ method: "POST", path: WRITE }, () => ({ status: 429, headers: { "retry-after": "0" } }));
    lab.onNext({ method: "POST", path: WRITE }, () => ({ status: 503 }));
    lab.onNext({ method: "GET", path: "/api/health" }, () => ({ status: 502 }));
    expect(fates(await pushTo(lab))).toEqual(["created a", "created b"]);
  });

  it("tells what was not tried when Grafana goes away, and goes on where it was the next time", async () => {
    const lab = await start({ version });
    let writes = 0;
    lab.onNext({ method: "POST", path: WRITE, times: 100 }, (truly) => (++writes === 1 ? truly() : "abort"));
    const result = await pushTo(lab, [...TWO, dashboard("c")]);
    expect(fates(result)).toEqual(["created a", "failed b", "not tried c"]);
    expect(result.dashboards[1]?.why).toMatch(/^POST .*closed|reset|ended/);
    const after = await start({ version });
    after.store.folders.set("watchkeeper", { title: "Watchkeeper", by: "x" });
    expect(fates(await pushTo(after, [...TWO, dashboard("c")]))).toEqual(["created a", "created b", "created c"]);
  });

  it("does not take any 200 for a saved dashboard", async () => {
    const lab = await start({ version });
    lab.onNext({ method: "POST", path: WRITE }, () => ({ status: 200, body: "{}" }));
    expect(fates(await pushTo(lab))).toEqual(["failed a", "not tried b"]);
    expect(fates(await pushTo(lab))).toEqual(["created a", "created b"]);
  });

  it("goes on after a refusal that is about one dashboard", async () => {
    const lab = await start({ version });
    lab.onNext({ method: "POST", path: WRITE }, () => ({
      status: 400,
      body: '{"message":"Dashboard title cannot be empty"}',
    }));
    const result = await pushTo(lab);
    expect(fates(result)).toEqual(["failed a", "created b"]);
    expect(result.dashboards[0]?.why).toContain("Dashboard title cannot be empty");
  });

  it.each(resourceVersions)("goes on when one dashboard is deleted at the same moment (%s)", async () => {
    const lab = await start({ version });
    await pushTo(lab, [dashboard("a", { description: "old" }), dashboard("b", { description: "old" })]);
    lab.onNext({ method: "PUT", path: WRITE }, (truly) => {
      lab.store.dashboards.delete("watchkeeper-a");
      return truly();
    });
    expect(fates(await pushTo(lab))).toEqual(["failed a", "changed b"]);
    expect(fates(await pushTo(lab))).toEqual(["created a", "unchanged b"]);
  });

  const nothingWritten = async (lab: GrafanaLab, options: Parameters<typeof pushTo>[2] = {}) => {
    const error = await failureOf(pushTo(lab, TWO, options));
    expect(writesOf(lab)).toEqual([]);
    expect(error.message).not.toMatch(/glsa_/);
    return error;
  };

  it("writes nothing when the token is not known or may only look, and says which right is missing", async () => {
    const viewer = { login: "v", token: "glsa_viewer", role: "viewer" as const };
    const editor = { login: "e", token: "glsa_editor", role: "folder-editor" as const, folderUid: "watchkeeper" };
    const lab = await start({ version, accounts: [LAB_GRAFANA_ACCOUNT, viewer, editor] });
    expect(await nothingWritten(lab, { token: "glsa_wrong" })).toMatchObject({
      reason: "unauthorized",
      message: expect.stringContaining("`grafana.login`") as string,
    });
    const folder = { reason: "forbidden", message: expect.stringContaining("folders:create") as string };
    expect(await nothingWritten(lab, { token: "glsa_viewer" })).toMatchObject(folder);
    expect(await nothingWritten(lab, { token: "glsa_editor" })).toMatchObject(folder);
    lab.store.folders.set("watchkeeper", { title: "Watchkeeper", by: "x" });
    expect((await nothingWritten(lab, { token: "glsa_viewer" })).message).toContain("dashboards:create");
    expect(fates(await pushTo(lab, TWO, { token: "glsa_editor" }))).toEqual(["created a", "created b"]);
  });

  it("writes nothing when a right is refused that Grafana did not tell of", async () => {
    const viewer = { login: "v", token: "glsa_viewer", role: "viewer" as const };
    const lab = await start({ version, accounts: [viewer] });
    lab.onNext({ method: "GET", path: "/api/access-control" }, () => ({ status: 404 }));
    const error = await failureOf(pushTo(lab, TWO, { token: "glsa_viewer" }));
    expect(error).toMatchObject({ reason: "forbidden", message: expect.stringContaining("role Editor") as string });
    expect(lab.store.folders.size + lab.store.dashboards.size).toBe(0);
  });

  it.each([
    ["html", {}, "invalid_response", "login page"],
    ["cut_short", {}, "connection_reset", ""],
    ["truncated_json", {}, "invalid_response", "cut off"],
    ["status", { status: 500 }, "server_error", "status 500"],
    ["status", { status: 302, headers: { location: "/login" } }, "unexpected_status", "login page"],
    ["status", { status: 429, headers: { "retry-after": "3600" } }, "rate_limited", "3600 s"],
    ["wrong_types", {}, "unexpected_shape", ""],
    ["nulls", {}, "unexpected_shape", ""],
    ["empty_object", {}, "unexpected_shape", ""],
    ["refused", {}, "connection_refused", ""],
  ])("writes nothing under the fault %s %j", async (kind, more, reason, text) => {
    const lab = await start({ version });
    await lab.setFault({ kind, ...more } as Parameters<GrafanaLab["setFault"]>[0]);
    const error = await nothingWritten(lab);
    expect(error).toMatchObject({ reason, message: expect.stringContaining(text) as string });
  });

  it("writes nothing when one of the dashboards can not be read", async () => {
    const lab = await start({ version });
    await pushTo(lab, [dashboard("a", { description: "old" }), dashboard("b")]);
    const writes = writesOf(lab);
    const path = version === "11.6.0" ? "/api/dashboards/uid/watchkeeper-b" : "/apis/dashboard.grafana.app/";
    await lab.setFault({ kind: "status", status: 500, path });
    expect(await failureOf(pushTo(lab))).toMatchObject({ reason: "server_error" });
    expect(writesOf(lab)).toEqual(writes);
  });
});
