import { describe, expect, it } from "vitest";
import { pendingStatus, type PartStatus } from "../../app/part-status.ts";
import { minutes } from "../../core/duration.ts";
import { COLLECT_REASONS } from "../../core/errors.ts";
import { renderTargetsPage } from "./targets-page.ts";

const NOW = Date.parse("2026-11-27T12:00:00Z");

const statusOf = (part: string, more: Partial<PartStatus>): PartStatus => ({
  ...pendingStatus({ collector: "truenas", target: "nas", part }),
  title: `Title of ${part}`,
  every: minutes(1),
  ...more,
});

const failed = (part: string, ...errors: PartStatus["errors"]): PartStatus =>
  statusOf(part, { outcome: "failed", errors });

/** The page without its head. */
const pageOf = (statuses: readonly PartStatus[]): string =>
  renderTargetsPage(statuses, { version: "1", target: undefined, now: NOW, hasAlerts: false }).replace(
    /^.*<body>/s,
    "",
  );

/** The page's text, as it is read with every `details` shut. */
const folded = (page: string): string =>
  page
    .replaceAll(/(<\/summary>).*?<\/details>/gs, "$1")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ");

const { meaning } = COLLECT_REASONS.connection_refused;
const times = (text: string, wanted: string): number => text.split(wanted).length - 1;

describe("the page of targets", () => {
  const parts = ["system", "pools", "tasks", "disks"];

  it("tells one cause once, and folds what each part said of it", () => {
    const page = pageOf([
      ...parts.map((part) => failed(part, { reason: "connection_refused", message: `GET ${part} <refused>` })),
      statusOf("ups", { outcome: "success", lastSuccessAt: NOW }),
    ]);
    expect(times(page, meaning)).toBe(1);
    expect(folded(page)).toContain("connection_refused in 4 of 5 parts Nothing listens");
    expect(times(folded(page), "connection_refused")).toBe(1);
    expect(folded(page)).not.toContain("GET system");
    for (const part of parts) expect(page).toContain(`GET ${part} &lt;refused>`);
  });

  it("tells what several parts said alike once, with their names", () => {
    const error = { reason: "connection_refused", message: "GET /api: refused" } as const;
    const page = pageOf([
      failed("system", { ...error, piece: "server" }),
      failed("pools", error),
      failed("ups", error),
    ]);
    expect(times(page, error.message)).toBe(1);
    expect(page).toContain("system (server), pools, ups");
  });

  it("tells what a single part said without a click, and the piece", () => {
    const error = { reason: "forbidden", piece: "API keys", message: "api_key.query: not allowed" } as const;
    const page = pageOf([statusOf("certificates", { outcome: "success", lastSuccessAt: NOW, errors: [error] })]);
    expect(page).not.toContain("<details");
    expect(folded(page)).toContain("forbidden in certificates");
    expect(folded(page)).toContain("API keys: api_key.query: not allowed");
  });

  it("holds causes apart, and those of another target", () => {
    const refused = { reason: "connection_refused", message: "refused" } as const;
    const all = folded(pageOf([failed("system", refused), failed("ups", refused)]));
    expect(all).toContain("connection_refused in all 2 parts");
    const other = { ...failed("system", refused), target: "other" };
    const text = folded(
      pageOf([failed("system", refused), failed("ups", { reason: "timeout", message: "slow" }), other]),
    );
    expect(times(text, meaning)).toBe(2);
    expect(text).toContain("timeout in ups");
    expect(text).toContain("Title of ups failed never 1 min timeout");
    expect(text).toContain("3 of 3 parts can not be read in full.");
  });

  it("says why a part has nothing to read", () => {
    const text = folded(pageOf([statusOf("ups", { outcome: "no_data", note: "the UPS service does not run" })]));
    expect(text).toContain("nothing to read");
    expect(text).toContain("the UPS service does not run");
  });
});
