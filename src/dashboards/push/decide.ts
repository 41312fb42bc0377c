import { fingerprintOf, hasAllOf, readMark } from "./content.ts";
import { FOLDER_UID, PUSHED_TAG, PUSHED_UIDS, type Stored } from "./contract.ts";

/** What is known of a dashboard in Grafana. */
export interface Known {
  readonly stored: Stored;
  /** Of its last save. */
  readonly message: string | undefined;
}

/** What is to happen to one dashboard; `hint` and `why` are for people. */
export type Decision =
  | { readonly kind: "create" }
  | { readonly kind: "change"; readonly stored: Stored }
  | { readonly kind: "unchanged"; readonly hint?: string }
  | { readonly kind: "refuse"; readonly why: string };

/** Decides about a dashboard of which `content` is wanted. With `force`, what people saved or moved is no obstacle. */
export function decide(content: object, known: Known | undefined, force: boolean): Decision {
  if (known === undefined) return { kind: "create" };
  const { stored } = known;
  if (stored.keeper !== undefined) return { kind: "refuse", why: keptElsewhere(stored.keeper) };
  if (stored.folderUid !== FOLDER_UID && !force) return { kind: "refuse", why: elsewhere(stored) };
  const isHome = stored.folderUid === FOLDER_UID;
  const isOurs = isOurSave(known);
  // whatever Grafana made of our own save, it is what we want
  if (isHome && isOurs && readMark(known.message)?.fingerprint === fingerprintOf(content)) return { kind: "unchanged" };
  if (isHome && !isOurs && hasAllOf(stored.content, content))
    return { kind: "unchanged", hint: `saved by ${personOf(stored)}, with all that Watchkeeper writes` };
  if (!isOurs && !force) return { kind: "refuse", why: savedOver(stored) };
  return { kind: "change", stored };
}

/** Why a dashboard that is not wanted any more is not ours to delete, by force neither; undefined when it is. */
export function whyKept({ stored, message }: Known): string | undefined {
  if (!stored.uid.startsWith(PUSHED_UIDS) || !stored.tags.includes(PUSHED_TAG) || stored.folderUid !== FOLDER_UID)
    return "Watchkeeper did not make it";
  if (stored.keeper !== undefined) return keptElsewhere(stored.keeper);
  return isOurSave({ stored, message })
    ? undefined
    : `the last save is that of ${personOf(stored)} and not Watchkeeper's: delete it by hand`;
}

/** A message can be carried on by another tool; the number of the save can not. */
function isOurSave({ stored, message }: Known): boolean {
  const mark = readMark(message);
  return mark !== undefined && mark.revision === stored.revision;
}

const personOf = ({ savedBy }: Stored): string => savedBy ?? "somebody";

const keptElsewhere = (keeper: string): string =>
  `it is written by ${keeper}: take it out there, or leave it to that alone`;

const elsewhere = ({ folderUid }: Stored): string =>
  `it stands in ${folderUid === "" ? "the root" : `the folder ${folderUid}`}, not in ours: move it back, or take it over by --force`;

const savedOver = (stored: Stored): string =>
  `it was saved by ${personOf(stored)} after Watchkeeper, and the change would be lost: save it under another name first, then --force`;
