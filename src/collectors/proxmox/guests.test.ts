import { describe, expect, it } from "vitest";
import { guestsOf } from "./guests.ts";
import { resourcesShape } from "./schema.ts";

const guests = (...rows: readonly object[]) => guestsOf(resourcesShape.parse(rows));
const row = { type: "qemu", id: "qemu/100", node: "pve1", status: "running", template: 0 };

describe("guestsOf", () => {
  it("makes one of a guest that is listed on two nodes", () => {
    const found = guests(row, { ...row, node: "pve2", pool: "prod" });
    expect(found).toEqual([
      {
        id: "qemu/100",
        type: "qemu",
        vmid: 100,
        nodes: new Set(["pve1", "pve2"]),
        pools: new Set(["prod"]),
        template: false,
      },
    ]);
  });

  it("leaves everything else out, and sorts by number", () => {
    const lxc = { ...row, type: "lxc", id: "lxc/20" };
    expect(guests(row, lxc, { type: "node", id: "node/pve1" }, { ...row, id: "qemu/odd" }).map(({ id }) => id)).toEqual(
      ["lxc/20", "qemu/100"],
    );
  });

  it("knows a template, and does not know one of a silent node", () => {
    const { template: _, ...silent } = { ...row, status: "unknown" };
    expect(guests({ ...row, template: 1 })[0]?.template).toBe(true);
    expect(guests(silent)[0]?.template).toBeUndefined();
    expect(guests({ ...silent, status: "stopped" })[0]?.template).toBe(false);
  });
});
