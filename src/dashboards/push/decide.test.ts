import { describe, expect, it } from "vitest";
import { messageOf } from "./content.ts";
import type { Stored } from "./contract.ts";
import { whyKept } from "./decide.ts";

const FORMER: Stored = {
  uid: "watchkeeper-former",
  title: "Former",
  folderUid: "watchkeeper",
  tags: ["watchkeeper", "more"],
  content: {},
  revision: 3,
  lock: 3,
  savedBy: "anna",
  keeper: undefined,
};
const ours = messageOf({ fingerprint: "0123456789ab", revision: 3 });

describe("a dashboard that is not wanted any more", () => {
  it("is deleted when Watchkeeper made it, and saved it last", () => {
    expect(whyKept({ stored: FORMER, message: ours })).toBeUndefined();
    expect(whyKept({ stored: FORMER, message: "Mine" })).toContain("that of anna");
  });

  it.each<Partial<Stored>>([{ uid: "former" }, { tags: ["more"] }, { folderUid: "" }, { keeper: "terraform" }])(
    "is kept with %j",
    (other) => {
      expect(whyKept({ stored: { ...FORMER, ...other }, message: ours })).toEqual(expect.any(String));
    },
  );
});
