import { afterEach, describe, expect, it } from "vitest";
import { failureOf } from "../../src/lib/http/__fixtures__/failures.ts";
import {
  APIS,
  closeGrafanas,
  dashboard,
  fates,
  pushTo,
  saveAs,
  start,
  TAGS,
  TWO,
  writesOf,
} from "./grafana-push-fixtures.ts";

afterEach(closeGrafanas);

const everywhere = describe.each(APIS.map(([version, api]) => ({ version, api })));

everywhere("a push to Grafana $version", ({ version, api }) => {
  it("makes the folder and the dashboards once, by the newest API, and then finds them as they are", async () => {
    const lab = await start({ version });
    const first = await pushTo(lab);
    expect(first).toMatchObject({ api, folder: "Watchkeeper", folderCreated: true });
    expect(fates(first)).toEqual(["created a", "created b"]);
    expect(lab.store.folders.get("watchkeeper")?.title).toBe("Watchkeeper");
    expect(lab.store.now("watchkeeper-a")).toMatchObject({ folderUid: "watchkeeper", spec: { tags: TAGS } });
    const writes = writesOf(lab);
    const second = await pushTo(lab, TWO, { folder: "Other" });
    expect(second).toMatchObject({ folder: "Watchkeeper", folderCreated: false });
    expect(fates(second)).toEqual(["unchanged a", "unchanged b"]);
    expect(writesOf(lab)).toEqual(writes);
  });

  it("writes only what differs, also when something is taken away", async () => {
    const lab = await start({ version });
    await pushTo(lab, [dashboard("a", { description: "old" }), dashboard("b")]);
    expect(fates(await pushTo(lab))).toEqual(["changed a", "unchanged b"]);
    expect(lab.store.now("watchkeeper-a")?.spec).not.toHaveProperty("description");
    expect(fates(await pushTo(lab))).toEqual(["unchanged a", "unchanged b"]);
  });

  it("writes nothing in a dry run, and says what it would do", async () => {
    const lab = await start({ version });
    expect(fates(await pushTo(lab, TWO, { dryRun: true }))).toEqual(["created a", "created b"]);
    await pushTo(lab);
    const writes = writesOf(lab);
    const other = [dashboard("a", { refresh: "1m" })];
    expect(fates(await pushTo(lab, other, { dryRun: true, prune: true }))).toEqual(["changed a", "pruned b"]);
    expect(writesOf(lab)).toEqual(writes);
  });

  it("deletes only what it made and nobody else has saved, moved or tagged", async () => {
    const lab = await start({ version });
    await pushTo(lab, [dashboard("a"), dashboard("b"), dashboard("c"), dashboard("d"), dashboard("e")]);
    saveAs(lab, "watchkeeper-c", { description: "mine now" });
    const { store } = lab;
    const moved = store.now("watchkeeper-d");
    store.folders.set("other", { title: "Other", by: "anna" });
    store.save({ uid: "watchkeeper-d", spec: moved?.spec ?? {}, folderUid: "other", by: "anna" });
    saveAs(lab, "watchkeeper-e", { tags: [] });
    const spec = { title: "Copy", tags: TAGS };
    store.save({ uid: "copy", spec, folderUid: "watchkeeper", by: "anna" });
    store.save({ uid: "watchkeeper-theirs", spec: { ...spec, title: "Theirs" }, folderUid: "watchkeeper", by: "anna" });
    const result = await pushTo(lab, [dashboard("a")], { prune: true });
    expect(fates(result)).toEqual(["unchanged a", "pruned b", "refused c", "refused theirs"]);
    expect(result.dashboards[2]?.why).toMatch(/^the last save is that of anna/);
    expect([...store.dashboards.keys()]).not.toContain("watchkeeper-b");
    expect([...store.dashboards.keys()]).toHaveLength(6);
    const forced = await pushTo(lab, [dashboard("a")], { prune: true, force: true });
    expect(fates(forced)).toEqual(["unchanged a", "refused c", "refused theirs"]);
    expect([...store.dashboards.keys()]).toHaveLength(6);
  });

  it("deletes nothing that it was not asked to", async () => {
    const lab = await start({ version });
    await pushTo(lab);
    expect(fates(await pushTo(lab, [dashboard("a")]))).toEqual(["unchanged a"]);
  });

  it("writes over what a person saved only with --force", async () => {
    const lab = await start({ version });
    await pushTo(lab);
    saveAs(lab, "watchkeeper-a", { panels: [] });
    const { dashboards } = await pushTo(lab);
    expect(dashboards.map(({ fate }) => fate)).toEqual(["refused", "unchanged"]);
    expect(dashboards[0]?.why).toContain("saved by anna");
    expect(lab.store.now("watchkeeper-a")?.spec["panels"]).toEqual([]);
    expect(fates(await pushTo(lab, TWO, { force: true }))).toEqual(["changed a", "unchanged b"]);
    expect(lab.store.now("watchkeeper-a")?.spec["panels"]).toHaveLength(1);
    expect(fates(await pushTo(lab))).toEqual(["unchanged a", "unchanged b"]);
  });

  it("is not deceived by a message that another tool carried on", async () => {
    const lab = await start({ version });
    await pushTo(lab);
    saveAs(lab, "watchkeeper-a", { panels: [] }, lab.store.now("watchkeeper-a")?.message);
    expect(fates(await pushTo(lab))).toEqual(["refused a", "unchanged b"]);
  });

  it("says who saved a dashboard that has all of ours", async () => {
    const lab = await start({ version });
    await pushTo(lab);
    saveAs(lab, "watchkeeper-a", { fiscalYearStartMonth: 3 });
    const { dashboards } = await pushTo(lab);
    expect(dashboards[0]).toMatchObject({ fate: "unchanged", why: expect.stringContaining("anna") as string });
  });

  it("brings back what was moved only with --force, and leaves what a file provisions", async () => {
    const lab = await start({ version });
    await pushTo(lab);
    const spec = lab.store.now("watchkeeper-a")?.spec ?? {};
    lab.store.save({ uid: "watchkeeper-a", spec, folderUid: "other", by: "anna" });
    lab.store.save({
      uid: "watchkeeper-b",
      spec: { title: "B" },
      folderUid: "watchkeeper",
      by: "x",
      provisionedFrom: "b.json",
    });
    const { dashboards } = await pushTo(lab);
    expect(dashboards[0]?.why).toMatch(/stands in the folder other/);
    expect(dashboards[1]?.why).toMatch(/b\.json/);
    expect(fates(await pushTo(lab, TWO, { force: true }))).toEqual(["changed a", "refused b"]);
    expect(lab.store.now("watchkeeper-a")?.folderUid).toBe("watchkeeper");
  });
});

describe("the API", () => {
  it("is the older one when that is wanted, and both see one another's dashboards as their own", async () => {
    const lab = await start({ version: "12.4.1" });
    expect(await pushTo(lab, TWO, { api: "legacy" })).toMatchObject({ api: "/api/dashboards" });
    expect(fates(await pushTo(lab))).toEqual(["unchanged a", "unchanged b"]);
  });

  it("is an error when it is wanted and not there", async () => {
    const lab = await start({ version: "11.6.0" });
    expect((await failureOf(pushTo(lab, TWO, { api: "resources" }))).message).toMatch(
      /Grafana 11\.6\.0 .*--api legacy/,
    );
    expect(writesOf(lab)).toEqual([]);
  });

  it("takes resources of version 2 where it has them, else the classic form", async () => {
    const lab = await start({ version: "13.1.3" });
    await pushTo(lab);
    expect(lab.store.now("watchkeeper-a")?.spec).toHaveProperty("elements");
    const older = await start({ version: "12.4.1" });
    await pushTo(older);
    expect(older.store.now("watchkeeper-a")?.spec).not.toHaveProperty("elements");
  });

  it("is not asked of a Grafana that is too old, or of something else", async () => {
    const old = await start({ version: "8.5.0" });
    expect((await failureOf(pushTo(old))).message).toContain("Grafana 8.5.0 is too old");
    const other = await start({ version: "11.6.0" });
    other.onNext({ method: "GET", path: "/api/health" }, () => ({ status: 404, body: "404 page not found" }));
    expect((await failureOf(pushTo(other))).message).toContain("sub-path");
    other.onNext({ method: "GET", path: "/api/health" }, () => ({ status: 200, body: '{"database":"failing"}' }));
    expect((await failureOf(pushTo(other))).message).toContain("database");
  });

  it("says that a title is taken, which is no change by somebody else", async () => {
    const lab = await start({ version: "11.6.0" });
    lab.store.folders.set("watchkeeper", { title: "Watchkeeper", by: "x" });
    lab.store.save({ uid: "theirs", spec: { title: "Title of a" }, folderUid: "watchkeeper", by: "anna" });
    const result = await pushTo(lab);
    expect(fates(result)).toEqual(["failed a", "created b"]);
    expect(result.dashboards[0]?.why).toContain("same name");
  });

  it("is that of the organisation that is configured", async () => {
    const lab = await start({ version: "13.1.3" });
    await failureOf(pushTo(lab, TWO, { orgId: 7 }));
    expect(lab.requests.at(-1)).toMatchObject({
      path: expect.stringContaining("/namespaces/org-7/") as string,
      headers: { "x-grafana-org-id": "7" },
    });
  });

  it("is read page by page, whatever dashboards others have", async () => {
    const lab = await start({ version: "13.1.3" });
    for (let i = 0; i < 120; i++) lab.store.save({ uid: `x${i}`, spec: { title: `x${i}` }, folderUid: "", by: "anna" });
    lab.store.save({ uid: "odd", spec: { tags: "none" }, folderUid: "", by: "anna" });
    await pushTo(lab);
    expect(fates(await pushTo(lab, [], { prune: true }))).toEqual(["pruned a", "pruned b"]);
  });
});
