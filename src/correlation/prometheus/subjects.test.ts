import fc from "fast-check";
import { expect, it } from "vitest";
import { printSelector } from "../../lib/prometheus/selector.ts";
import { groupSubjects } from "./subjects.ts";

const text = fc.string({ maxLength: 6, unit: fc.constantFrom("a", "b", ".", "|", '"', "\\", "é", "\n") });
const subject = fc.dictionary(fc.constantFrom("target", "namespace", "id", "pod", "service"), text, { maxKeys: 3 });

/** What the matchers of a selector take. */
const takes = (group: ReturnType<typeof groupSubjects>[number], labels: Readonly<Record<string, string>>): boolean =>
  group.matchers.every(({ label, operator, value }) =>
    operator === "=" ? (labels[label] ?? "") === value : new RegExp(`^(?:${value})$`, "s").test(labels[label] ?? ""),
  );

it("takes each subject and nothing else, whatever is written in it", () => {
  fc.assert(
    fc.property(fc.array(subject, { maxLength: 8 }), fc.array(subject, { maxLength: 8 }), (subjects, others) => {
      const groups = groupSubjects(subjects);
      for (const labels of [...subjects, ...others]) {
        const isWanted = subjects.some(
          (one) =>
            Object.values(one).some((value) => value !== "") &&
            Object.entries(one).every(([name, value]) => (labels[name] ?? "") === value),
        );
        expect(groups.some((group) => takes(group, labels))).toBe(isWanted);
      }
    }),
  );
});

it("never makes a selector of everything", () => {
  fc.assert(
    fc.property(fc.array(fc.dictionary(fc.constantFrom("a", "b"), fc.constantFrom("", "x"))), (subjects) => {
      for (const { matchers } of groupSubjects(subjects)) expect(matchers.some(({ value }) => value !== "")).toBe(true);
    }),
  );
});

it("asks for many in one selector, but not for too many", () => {
  const guests = Array.from({ length: 120 }, (_, i) => ({ target: "t", id: `qemu/${i}` }));
  expect(groupSubjects(guests)).toHaveLength(3);
  expect(groupSubjects(guests.slice(0, 2)).map(({ matchers }) => printSelector(undefined, matchers))).toEqual([
    '{target="t",id=~"qemu/0|qemu/1"}',
  ]);
});
