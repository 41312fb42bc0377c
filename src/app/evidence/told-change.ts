import { z } from "zod";
import { days } from "../../core/duration.ts";
import { CHANGE_KINDS, type Change } from "../../core/telemetry.ts";
import { shapeReader } from "../../lib/documents/shape-reader.ts";
import type { PathFault } from "../../lib/documents/values.ts";
import { clip, oneLine } from "../../lib/text.ts";
import { MOMENT_HELP, readMoment } from "./moments.ts";

const EXAMPLE = '{"title":"shop 2.4.0","labels":{"service":"shop"}}';

/** Not empty to whoever reads it. */
const seen = z.string().refine((text) => oneLine(text) !== "", "must not be empty");

const readShape = shapeReader(
  z.strictObject({
    // alerts are found by themselves
    kind: z.enum(CHANGE_KINDS).exclude(["alert"]).default("deploy"),
    at: z.union([z.string(), z.number()], MOMENT_HELP).optional(),
    title: seen.describe("what was changed, in one line"),
    labels: z.record(seen.max(200), seen.max(1_000)).default({}),
    link: z
      .url({ protocol: /^https?$/, error: "must be an address that begins with http:// or https://" })
      .max(2_000)
      .optional(),
  }),
);

/** Planned changes are told too; more is a slip of the pen. */
const MOST_AHEAD = days(1);
/** The longest `evidence.retention`. */
const MOST_AGE = days(400);

/** Understands a change that somebody tells of; else says of each field what is wrong with it. */
export function readChange(body: unknown, now: number): Change | { readonly fault: string } {
  if (body === undefined) return { fault: `the body is empty: send JSON such as ${EXAMPLE}` };
  const read = readShape(body);
  if ("faults" in read) return { fault: read.faults.slice(0, MOST_FAULTS).map(faultText).join("; ") };
  const { kind, at, title, labels, link } = read.data;
  const moment = at === undefined ? now : readMoment(String(at), now);
  if (moment === undefined) return { fault: `at: ${MOMENT_HELP}` };
  if (moment > now + MOST_AHEAD) return { fault: "at: lies more than a day ahead" };
  if (moment < now - MOST_AGE) return { fault: "at: lies back more than 400 days, and no evidence is kept for longer" };
  return {
    kind,
    at: moment,
    title: clip(oneLine(title), 200),
    labels,
    source: "api",
    ...(link !== undefined && { link }),
  };
}

const MOST_FAULTS = 10;
const MOST_SHOWN = 80;

const faultText = ({ path, message }: PathFault): string =>
  path.length === 0 ? `the body: ${message}` : `${clip(oneLine(path.join(".")), MOST_SHOWN)}: ${message}`;
