import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resourcesShape } from "../schema.ts";
import { onePerId } from "./placement.ts";

const guest = (node: string, status: string | undefined) => ({ id: "qemu/100", type: "qemu", node, status });
const told = (...rows: readonly object[]) =>
  onePerId(resourcesShape.parse(rows)).map(({ row, count }) => `${row.id} ${row.node} ${row.status} ${count}`);

describe("onePerId", () => {
  it.each([
    ["where it runs", guest("b", "running"), guest("a", "stopped"), "b running"],
    ["where its state is known", guest("b", "paused"), guest("a", "unknown"), "b paused"],
    ["where its state is told", guest("b", "stopped"), guest("a", undefined), "b stopped"],
    ["on the first node by name, for want of anything else", guest("b", "running"), guest("a", "running"), "a running"],
  ])("places a guest that is on two nodes %s, whichever comes first", (_, one, other, place) => {
    expect(told(one, other)).toEqual([`qemu/100 ${place} 2`]);
    expect(told(other, one)).toEqual([`qemu/100 ${place} 2`]);
  });

  it("takes the same row twice for one", () => {
    expect(told(guest("a", "running"), guest("a", "running"))).toEqual(["qemu/100 a running 1"]);
  });

  it("tells each id once and in one order, whatever order the rows come in", () => {
    const row = fc.record({
      id: fc.constantFrom("qemu/1", "qemu/2", "lxc/3", "node/a", "storage/a/x"),
      type: fc.constantFrom("qemu", "node"),
      node: fc.constantFrom("a", "b", "c"),
      status: fc.option(fc.constantFrom("running", "stopped", "unknown"), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const distinct = [...new Map(rows.map((each) => [`${each.id} ${each.node}`, each])).values()];
        expect(told(...distinct)).toEqual(told(...distinct.toReversed()));
        expect(told(...distinct)).toHaveLength(new Set(rows.map(({ id }) => id)).size);
      }),
    );
  });
});
