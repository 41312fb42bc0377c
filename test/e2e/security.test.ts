import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/lib/package.ts";
import { accessTrials } from "../helpers/security-access.ts";
import { contentTrials } from "../helpers/security-content.ts";
import { inputTrials } from "../helpers/security-input.ts";
import { limitTrials } from "../helpers/security-limits.ts";
import { registeredRoutes, routesTable } from "../helpers/security-routes.ts";
import { secretTrials } from "../helpers/security-secrets.ts";
import { startSecuritySite, type SecuritySite } from "../helpers/security-site.ts";

// the slow ones first: the others go on meanwhile
const trials = [...limitTrials, ...accessTrials, ...inputTrials, ...contentTrials, ...secretTrials];

let site: SecuritySite;
beforeAll(async () => {
  site = await startSecuritySite();
}, 120_000);
afterAll(() => site?.close());

describe.concurrent("what was tried", { timeout: 120_000 }, () => {
  it.each(trials.map((trial) => [trial.name, trial] as const))("%s", async (_, trial) => {
    await expect(trial.run(site)).resolves.toBeUndefined();
  });
});

describe("the page of the security model", async () => {
  const page = await readFile(join(packageRoot, "docs/security.md"), "utf8");
  /** The cells of the first table below a heading, without those of its head. */
  const tableBelow = (heading: string): readonly (readonly string[])[] =>
    (/\n\|[^]*?(?=\n\n)/.exec(page.slice(page.indexOf(`\n## ${heading}\n`)))?.[0] ?? "")
      .trim()
      .split("\n")
      .slice(2)
      .map((row) =>
        row
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );

  it("has every route of the server, and no other", async () => {
    expect(tableBelow("Who may do what")).toEqual(routesTable(await registeredRoutes()));
  });

  it("has every trial, and no other", () => {
    const rows = trials.map(({ name, tried, happened }) => [name, tried, happened]);
    expect(tableBelow("What was tried, and what happened")).toEqual(rows);
  });
});
