import { isMapping, type Path } from "../../lib/documents/values.ts";
import { badNames, entriesOf, fieldOf, namesOf, sameNames, type Misfit } from "./names.ts";

/** What one part of the section `alerting` says of another and is not so. The section may have other faults still. */
export function crossFaults(section: unknown): readonly Misfit[] {
  const destinations = namesOf(fieldOf(section, "destinations"));
  const intervals = namesOf(fieldOf(section, "time_intervals"));
  const root = fieldOf(section, "route");
  return [
    ...["sources", "destinations", "time_intervals"].flatMap((key) => sameNames(fieldOf(section, key), [key])),
    ...badNames(fieldOf(section, "fallback"), ["fallback"], "destination", destinations),
    ...rootFaults(root),
    ...routeFaults(root, ["route"], destinations, intervals),
  ];
}

function rootFaults(root: unknown): readonly Misfit[] {
  if (!isMapping(root)) return [];
  const fault = (message: string, ...path: Path): Misfit => ({ path: ["route", ...path], message });
  return [
    ...(fieldOf(root, "destinations") === undefined
      ? [fault("needs destinations: somebody must be told of the alerts that match no other route")]
      : []),
    ...(entriesOf(fieldOf(root, "matchers")).length > 0
      ? [fault("the root takes every alert and has no matchers: write a route below it", "matchers")]
      : []),
    ...(fieldOf(root, "continue") === true ? [fault("the root has no route beside it to go on to", "continue")] : []),
  ];
}

function routeFaults(
  route: unknown,
  path: Path,
  destinations: readonly string[],
  intervals: readonly string[],
): readonly Misfit[] {
  const [mute, active] = [fieldOf(route, "mute_time_intervals"), fieldOf(route, "active_time_intervals")];
  const both = entriesOf(active).flatMap((name, i): readonly Misfit[] =>
    entriesOf(mute).includes(name)
      ? [
          {
            path: [...path, "active_time_intervals", i],
            message: "also mutes this route: name it in one of the two lists",
          },
        ]
      : [],
  );
  return [
    ...badNames(fieldOf(route, "destinations"), [...path, "destinations"], "destination", destinations),
    ...badNames(mute, [...path, "mute_time_intervals"], "time interval", intervals),
    ...badNames(active, [...path, "active_time_intervals"], "time interval", intervals),
    ...both,
    ...entriesOf(fieldOf(route, "routes")).flatMap((child, i) =>
      routeFaults(child, [...path, "routes", i], destinations, intervals),
    ),
  ];
}
