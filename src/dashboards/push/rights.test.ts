import { describe, expect, it } from "vitest";
import type { Connection } from "./connection.ts";
import { missingRights, type Intent } from "./rights.ts";

const told = (rights: unknown, parents?: readonly object[]): Connection => ({
  url: "https://grafana.example",
  get: (path) => Promise.resolve({ where: "GET x", body: path.startsWith("/api/folders/") ? { parents } : rights }),
  send: () => Promise.reject(new Error("nothing is written")),
});
const intent = (more: Partial<Intent>): Intent => ({
  createsFolder: false,
  creates: false,
  changes: [],
  deletes: [],
  ...more,
});
const ALL = intent({ creates: true, changes: ["watchkeeper-a"], deletes: ["watchkeeper-b"] });

describe("rights that are missing", () => {
  it("are none for an administrator, an editor of all, or of our folder", async () => {
    const names = ["dashboards:create", "dashboards:write", "dashboards:delete"];
    for (const scope of ["*", "folders:*", "folders:uid:*", "folders:uid:watchkeeper", ""])
      expect(await missingRights(told(Object.fromEntries(names.map((name) => [name, [scope]]))), ALL)).toEqual([]);
    expect(await missingRights(told({ "folders:edit": ["folders:uid:watchkeeper"] }), ALL)).toEqual([]);
  });

  it("are none for an editor of a folder above ours, whose permissions go down", async () => {
    const rights = Object.fromEntries(
      ["dashboards:create", "dashboards:write", "dashboards:delete"].map((name) => [name, ["folders:uid:team"]]),
    );
    expect(await missingRights(told(rights, [{ uid: "company" }, { uid: "team" }]), ALL)).toEqual([]);
    expect(await missingRights(told(rights, [{ uid: "company" }]), ALL)).toHaveLength(3);
  });

  it("are named once each", async () => {
    const changes = intent({ changes: ["watchkeeper-a", "watchkeeper-b"] });
    expect(await missingRights(told({ "dashboards:read": ["*"] }), changes)).toEqual(["dashboards:write"]);
    expect(await missingRights(told({}), ALL)).toEqual(["dashboards:create", "dashboards:write", "dashboards:delete"]);
    const elsewhere = { "dashboards:write": ["folders:uid:other", "dashboards:uid:watchkeeper-a"] };
    expect(await missingRights(told(elsewhere), changes)).toEqual(["dashboards:write"]);
  });

  it("are that of making folders only, when ours is not there", async () => {
    const first = intent({ createsFolder: true, creates: true });
    expect(await missingRights(told({ "folders:create": ["folders:uid:general"] }), first)).toEqual([]);
    expect(await missingRights(told({ "folders:create": ["folders:uid:other"] }), first)).toEqual(["folders:create"]);
  });

  it("are not known when Grafana does not tell", async () => {
    expect(await missingRights(told({ "dashboards:write": "all" }), ALL)).toEqual([]);
    expect(await missingRights({ ...told({}), get: () => Promise.resolve(undefined) }, ALL)).toEqual([]);
  });
});
