import {
  ascending,
  divide,
  greater,
  less,
  max,
  min,
  multiply,
  scalarMinus,
  select,
  subtract,
  time,
} from "../../../core/promql.ts";
import { signal } from "../../../core/signal.ts";
import { certificates } from "../metrics.ts";

/** Series of an x509-certificate-exporter in the same Prometheus have the same names, and no target. */
const OURS = { target: ["!=", ""] } as const;
const LIST = ["target", "location", "issuer_CN", "crl_number"] as const;

const next = select(certificates.crlNextUpdate, OURS);
const made = select(certificates.crlThisUpdate, OURS);
const left = subtract(next, time());

/**
 * Share of the time between two lists that must be left; some authorities make the next one as late as at a fifteenth.
 */
export const LIST_SHARE = 0.05;

/** Time left of the lists of which less than this share of the time between two is left. */
export const listsEndingSoon = (share: number) => less(left, multiply(subtract(next, made), share));

/** What can be asked of revocation lists. */
export const listSignals = {
  listLeft: signal({
    title: "Time until the next list is due",
    help: "The least first; negative where it is overdue, and clients may refuse all certificates of the authority.",
    unit: "seconds",
    expr: ascending(min(left, { by: LIST })),
  }),
  listShare: signal({
    title: "Share left",
    help: "Share of the time between two lists that is left.",
    unit: "ratio",
    expr: min(divide(left, subtract(next, made)), { by: LIST }),
  }),
  listDue: signal({
    title: "Next list due",
    help: "When the next list is due.",
    unit: "timestamp",
    expr: min(next, { by: LIST }),
  }),
  listRevoked: signal({
    title: "Revoked",
    help: "How many certificates the list holds.",
    unit: "none",
    expr: max(select(certificates.crlRevoked, OURS), { by: LIST }),
  }),
  listEndingSoon: signal({
    title: "Lists that end soon",
    help: "Time left of those with less than a twentieth of the time between two lists.",
    unit: "seconds",
    expr: listsEndingSoon(LIST_SHARE),
  }),
  listOverdue: signal({
    title: "Lists that are overdue",
    help: "For how long.",
    unit: "seconds",
    expr: greater(scalarMinus(time(), next), 0),
  }),
};
