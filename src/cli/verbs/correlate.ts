import { access } from "node:fs/promises";
import { answerRequest } from "../../app/evidence/answer.ts";
import type { DeskStore } from "../../app/evidence/desk-options.ts";
import { EvidenceDesk, type RerunBundle } from "../../app/evidence/desk.ts";
import { lostStore } from "../../app/evidence/lost-store.ts";
import { readRequest, type EvidenceRequest } from "../../app/evidence/request.ts";
import { RequestFault } from "../../app/evidence/request-fault.ts";
import { readLogId, readTraceId } from "../../app/evidence/ids.ts";
import type { LogView } from "../../app/evidence/log-view.ts";
import type { TraceView } from "../../app/evidence/trace-view.ts";
import { openStore } from "../../app/open-store.ts";
import { refuseUnusableSources } from "../../app/unusable-sources.ts";
import { loadConfig } from "../../config/load.ts";
import type { Config } from "../../config/schema.ts";
import { StoreUnavailable, StoreUnusable } from "../../core/delivery-store.ts";
import { ConfigError } from "../../core/errors.ts";
import type { Bundle } from "../../core/evidence.ts";
import { isBlind } from "../../core/evidence-words.ts";
import type { Store } from "../../core/store.ts";
import { MatcherFault, parseLabels } from "../../lib/matcher-text.ts";
import { bundleText, logText, traceText } from "../evidence-text.ts";
import { kinds, ties } from "../kinds.ts";

/** What `watchkeeper correlate` is asked. */
export interface CorrelateOptions {
  readonly file: string;
  readonly alert?: string;
  readonly group?: string;
  readonly service?: string;
  readonly labels?: string;
  readonly from?: string;
  readonly to?: string;
  readonly trace?: string;
  readonly log?: string;
  readonly rerun?: string;
  readonly json?: boolean;
}

interface Opened {
  readonly desk: EvidenceDesk;
  readonly store: DeskStore | undefined;
  readonly config: Config;
}

/**
 * Finds what belongs to an alert, to a service in a span of time, to a trace or a log line, and prints it. Answers
 * whether something was found wanting: no source that could be read, no such trace or line, or a bundle made again that
 * says something else. Throws `ConfigError`, `CollectError`.
 */
export async function correlate(options: CorrelateOptions): Promise<boolean> {
  const { rerun, trace, log, json = false } = options;
  const print = (document: object, text: () => string): void =>
    void process.stdout.write(json ? `${JSON.stringify(document, null, 2)}\n` : text());
  if ([rerun, trace, log].some((one) => one !== undefined)) onlyOne(options);
  return withDesk(options.file, async (opened) => {
    if (trace !== undefined) {
      const view = await viewTrace(opened, trace);
      print(view, () => traceText(view));
      return view.trace.state !== "read" || view.trace.reading === undefined;
    }
    if (log !== undefined) {
      const view = await viewLog(opened, log);
      print(view, () => logText(view));
      return view.line.state !== "read" || view.line.reading.line === undefined;
    }
    if (rerun !== undefined) {
      const again = await rerunBundle(opened, rerun);
      print(again, () => `${bundleText(again.bundle)}\n${differencesText(again)}`);
      return !again.isSame;
    }
    const bundle = await makeBundle(opened, requestOf(options));
    print(bundle, () => bundleText(bundle));
    return isBlind(bundle);
  });
}

const LABELS_EXAMPLE = "namespace=prod,pod=shop-1";

const NOTHING_ASKED = `say what to look for, such as

  watchkeeper correlate --alert c0ffee01            an alert, by its fingerprint or the beginning of it
  watchkeeper correlate --group <id>                a group of alerts, by its id
  watchkeeper correlate --service shop --from 30m   a service, from then on (and --to)
  watchkeeper correlate --labels ${LABELS_EXAMPLE} --from 2026-11-27T03:00:00Z --to 2026-11-27T03:20:00Z
                                                    other things by their labels, in that time
  watchkeeper correlate --trace 4bf92f3577b34da6a3ce929d0e0e4736
                                                    a trace with its log lines and metrics
  watchkeeper correlate --log <id>                  a log line by its _id or index/_id, with its trace
  watchkeeper correlate --rerun <id>                the question of an earlier evidence again

With --json it is printed as one JSON object; --help lists all options.`;

const usage = (message: string): ConfigError => new ConfigError([{ file: "correlate", path: "", message }]);

function onlyOne({ alert, group, service, labels, trace, log, rerun }: CorrelateOptions): void {
  const given = [alert, group, service, labels, trace, log, rerun].filter((one) => one !== undefined);
  if (given.length > 1) throw usage("--trace, --log and --rerun stand alone: take away the other options");
}

function requestOf({ alert, group, service, labels, from, to }: CorrelateOptions): EvidenceRequest {
  if ([alert, group, service, labels].every((one) => one === undefined)) throw usage(NOTHING_ASKED);
  const named = { ...labelsOf(labels), ...(service !== undefined && { service }) };
  const request = readRequest({ alert, group, from, to, labels: named }, Date.now());
  if ("fault" in request) throw usage(request.fault);
  return request;
}

function labelsOf(text: string | undefined): Readonly<Record<string, string>> {
  if (text === undefined) return {};
  try {
    return parseLabels(text);
  } catch (thrown) {
    if (!(thrown instanceof MatcherFault)) throw thrown;
    throw usage(`--labels, character ${thrown.column}: ${thrown.message}; write NAME=VALUE, such as ${LABELS_EXAMPLE}`);
  }
}

async function makeBundle({ desk, store }: Opened, request: EvidenceRequest): Promise<Bundle> {
  const signal = new AbortController().signal;
  const bundle = await answerRequest(request, desk, store, signal).catch((thrown: unknown) => {
    throw thrown instanceof RequestFault ? usage(thrown.message) : thrown;
  });
  if (bundle !== undefined) return bundle;
  throw usage(
    store === undefined
      ? "there is no store yet, so no alert is known: `watchkeeper serve` makes it when alerting is configured"
      : "there is no such alert or group: `watchkeeper deliveries list` has the groups that were told, `deliveries show <id>` the fingerprints of one",
  );
}

async function rerunBundle({ desk }: Opened, id: string): Promise<RerunBundle> {
  const again = await desk.rerun(id, new AbortController().signal);
  if (again === undefined) throw usage(`there is no evidence ${id}, or it was made long ago and is forgotten`);
  return again;
}

async function viewTrace({ desk }: Opened, text: string): Promise<TraceView> {
  const id = readTraceId(text);
  if (id === undefined) throw usage("--trace is an id of 1 to 32 hexadecimal digits");
  return desk.trace(id, new AbortController().signal);
}

async function viewLog({ desk }: Opened, text: string): Promise<LogView> {
  const id = readLogId(text);
  if (id === undefined)
    throw usage("--log is Elasticsearch's _id of a line, index/_id, or the URL of its page in Kibana");
  return desk.log(id, new AbortController().signal);
}

function differencesText({ isSame, differences, bundle }: RerunBundle): string {
  const kept = bundle.notKept === undefined ? ` (kept as ${bundle.id})` : "";
  return isSame
    ? `The same as before${kept}.\n`
    : `Differs from before${kept}:\n${differences.map((line) => `  ${line}`).join("\n")}\n`;
}

async function withDesk<T>(file: string, work: (opened: Opened) => Promise<T>): Promise<T> {
  const config = await loadConfig({ file, ...kinds, env: process.env });
  if (config.evidence === undefined)
    throw new ConfigError([{ file, path: "", message: "has no section `evidence`: see docs/evidence.md" }]);
  await refuseUnusableSources(config);
  const opened = (await hasStore(config)) ? await openOrLose(config) : undefined;
  try {
    const store = opened instanceof Error ? lostStore(opened) : opened;
    const desk = await EvidenceDesk.open({
      evidence: config.evidence,
      prometheus: config.evidence.prometheus ?? config.prometheus,
      externalUrl: config.server.is_external_url_given === true ? config.server.external_url : undefined,
      ...ties,
      store,
    });
    try {
      return await work({ desk, store, config });
    } finally {
      await desk.close();
    }
  } finally {
    if (!(opened instanceof Error)) await opened?.close();
  }
}

/** The store, or why it can not be opened: what is asked by labels or by a trace's id needs none. */
async function openOrLose({ store }: Config): Promise<Store | StoreUnavailable | StoreUnusable> {
  try {
    return await openStore(store, { asVisitor: true });
  } catch (thrown) {
    if (thrown instanceof StoreUnavailable || thrown instanceof StoreUnusable) return thrown;
    throw thrown;
  }
}

/** A service that was named can be looked at before anything was ever kept. */
async function hasStore({ store }: Config): Promise<boolean> {
  if (store.type === "postgres") return true;
  return access(store.path).then(
    () => true,
    (thrown: unknown) => !(thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT"),
  );
}
