import type { Slo } from "../model.ts";
import { lengthOf } from "../tiers.ts";
import { error, warning, type CheckContext, type Fault, type SloCheck } from "./check.ts";

/** Members that are not there, or that the composite is itself a part of. */
export const compositeMembers: SloCheck = {
  name: "composite-members",
  check(slo, context) {
    if (slo.sli.kind !== "composite") return [];
    const isUnread = (id: string): boolean => context.unread.has(id) || context.unread.has(`${slo.service}-${id}`);
    const unknown = slo.sli.members.filter(({ sloId }) => !context.byId.has(sloId));
    const circle = circleOf(slo, context, [slo.id]);
    return [
      ...unknown.map(({ sloId }) =>
        error("sli.members", `has the member "${sloId}", which ${isUnread(sloId) ? IN_ERROR : MISSING}`),
      ),
      ...(circle === undefined
        ? []
        : [error("sli.members", `is made of itself (${circle.join(" -> ")}): take one of these members out`)]),
      ...twice(slo),
    ];
  },
};

const IN_ERROR = "has errors of its own: mend those first";
const MISSING = "is no SLO among those that were read: name one of them, or read its file too";

function circleOf(slo: Slo, context: CheckContext, path: readonly string[]): readonly string[] | undefined {
  if (slo.sli.kind !== "composite") return undefined;
  for (const { sloId } of slo.sli.members) {
    if (sloId === path[0]) return [...path, sloId];
    const member = context.byId.get(sloId);
    // a circle further down is told at its own members
    if (member === undefined || path.includes(sloId)) continue;
    const found = circleOf(member, context, [...path, sloId]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function twice({ sli }: Slo): readonly Fault[] {
  if (sli.kind !== "composite") return [];
  const ids = sli.members.map(({ sloId }) => sloId);
  const again = [...new Set(ids.filter((id, i) => ids.indexOf(id) !== i))];
  return again.map((id) => error("sli.members", `has ${id} twice: give it once, with a greater weight`));
}

/** What a composite can not do. */
export const compositeGroups: SloCheck = {
  name: "composite-groups",
  check({ sli, groupBy, window }, { byId }) {
    if (sli.kind !== "composite") return [];
    const members = sli.members.flatMap(({ sloId }) => byId.get(sloId) ?? []);
    const grouped = members.filter((member) => member.groupBy.length > 0);
    const others = members.filter((member) => lengthOf(member.window) !== lengthOf(window));
    return [
      ...(groupBy.length === 0
        ? []
        : [
            error(
              "group_by",
              "groups a composite, whose members have no labels in common: group its members, or write one composite for each group",
            ),
          ]),
      ...grouped.map(({ id }) =>
        warning(
          "sli.members",
          `has ${id}, which is grouped by labels, and counts it as a whole: one bad group may hide among good ones`,
        ),
      ),
      ...others.map(({ id }) =>
        warning(
          "sli.members",
          `has ${id}, whose own window is another: both budgets are right, but not of the same time`,
        ),
      ),
    ];
  },
};
