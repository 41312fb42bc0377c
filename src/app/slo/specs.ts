import { checkSlos } from "../../slo/checks/index.ts";
import type { SloReading, SloWindow } from "../../slo/model.ts";
import { WINDOW } from "../../slo/spec/defaults.ts";
import { loadSlos } from "../../slo/spec/load.ts";
import { openSloFormat } from "../../slo/spec/openslo-reader.ts";
import { ownFormat } from "../../slo/spec/own-reader.ts";
import { pyrraFormat } from "../../slo/spec/pyrra-reader.ts";
import type { SloFormat } from "../../slo/spec/reader.ts";
import { slothFormats } from "../../slo/spec/sloth-reader.ts";

/** Every format of specifications that is read; `window` is that of an SLO whose format has no word for it. */
const sloFormats = (window: SloWindow): readonly SloFormat[] => [
  ownFormat,
  ...slothFormats(window),
  openSloFormat(window),
  pyrraFormat,
];

/** What was read: every SLO that can be understood, and those of them that have no error. */
export interface Specs extends SloReading {
  readonly sound: SloReading["slos"];
}

/**
 * Reads files, folders and patterns of specifications and checks what is in them. Never throws for what is in the
 * files.
 */
export async function loadSpecs(paths: readonly string[], window: SloWindow = WINDOW): Promise<Specs> {
  const { slos, findings, unread } = await loadSlos(paths, sloFormats(window));
  const checked = checkSlos(slos, unread);
  const wrong = new Set(checked.flatMap(({ severity, source }) => (severity === "error" ? [source] : [])));
  return {
    slos,
    findings: [...findings, ...checked],
    sound: withMembers(slos.filter(({ source }) => !wrong.has(source))),
  };
}

/** Without the composites of which a member is missing, since their rules would read what nobody records. */
function withMembers(slos: SloReading["slos"]): SloReading["slos"] {
  const ids = new Set(slos.map(({ id }) => id));
  const whole = slos.filter(({ sli }) => sli.kind !== "composite" || sli.members.every(({ sloId }) => ids.has(sloId)));
  return whole.length === slos.length ? slos : withMembers(whole);
}
