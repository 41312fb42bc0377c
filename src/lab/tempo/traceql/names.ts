import type { Field } from "./tree.ts";

/** What every span has, by the names that it is asked by, with the usual one. */
const INTRINSICS: Readonly<Record<string, string>> = {
  duration: "duration",
  name: "name",
  status: "status",
  statusMessage: "statusMessage",
  kind: "kind",
  childCount: "span:childCount",
  rootName: "rootName",
  rootServiceName: "rootServiceName",
  traceDuration: "traceDuration",
  nestedSetLeft: "nestedSetLeft",
  nestedSetRight: "nestedSetRight",
  nestedSetParent: "nestedSetParent",
  "span:duration": "duration",
  "span:name": "name",
  "span:status": "status",
  "span:statusMessage": "statusMessage",
  "span:kind": "kind",
  "span:id": "span:id",
  "span:parentID": "span:parentID",
  "span:childCount": "span:childCount",
  "trace:duration": "traceDuration",
  "trace:rootName": "rootName",
  "trace:rootService": "rootServiceName",
  "trace:id": "trace:id",
  "event:name": "event:name",
  "event:timeSinceStart": "event:timeSinceStart",
  "link:traceID": "link:traceID",
  "link:spanID": "link:spanID",
  "instrumentation:name": "instrumentation:name",
  "instrumentation:version": "instrumentation:version",
};

/** The names of intrinsics that tag discovery lists: recorded. */
export const LISTED_INTRINSICS: readonly string[] = Object.keys(INTRINSICS)
  .filter((name) => !/childCount|nestedSet/v.test(name))
  .toSorted();

/** The values of `status`. */
export const STATUSES = ["unset", "ok", "error"] as const;
/** The values of `kind`. */
export const KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"] as const;

/** The intrinsic of the name. */
export function findIntrinsic(text: string): Field | undefined {
  const name = Object.hasOwn(INTRINSICS, text) ? INTRINSICS[text] : undefined;
  return name === undefined ? undefined : { scope: "intrinsic", name, text: name };
}

/** The attribute of the scope, empty for any. */
export function attributeField(scope: string, name: string): Field {
  if (scope === "") return { scope: "any", name, text: `.${name}` };
  return { scope: scope as Field["scope"], name, text: `${scope}.${name}` };
}
