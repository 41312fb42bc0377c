import { z } from "zod";
import { days, seconds } from "../../core/duration.ts";
import { durationIn, percentField } from "../spec/fields.ts";

const share = () => percentField((value) => (value <= 1 ? undefined : "must be 100 % at most"));
const nameField = () => z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/, "use lower-case letters, digits, dash, underscore");

/** What follows from a state. */
const ACTIONS = ["block", "approve", "notify", "annotate"] as const;

/** Names that the engine gives by itself. */
const OWN_STATES: ReadonlySet<string> = new Set(["healthy", "unknown"]);

const stateSchema = z
  .strictObject({
    name: nameField()
      .refine((name) => !OWN_STATES.has(name), "is the name of a state that is always there")
      .describe("Name of the state; `healthy` is what no state applies to."),
    budget_left_at_most: share().optional().describe("Applies when no more of the budget is left, such as 10%."),
    burn_above: z.number().positive().optional().describe("Applies when the budget burnt faster in the last hour."),
    actions: z
      .array(z.enum(ACTIONS))
      .min(1)
      .describe("`block` changes, ask someone to `approve` them, `notify`, or `annotate` dashboards."),
    text: z.string().min(1).optional().describe("What it means for people, in one sentence."),
  })
  .refine(({ budget_left_at_most: left, burn_above: burn }) => left !== undefined || burn !== undefined, {
    message: "needs budget_left_at_most, burn_above or both: when it applies",
  });

const exemptionSchema = z.strictObject({
  reason: z.string().min(1, "must say why").describe("Why changes are let through all the same."),
  expires: z.iso
    .datetime({ offset: true, error: "write a moment with its offset, such as 2026-12-01T22:00:00+01:00" })
    .transform((text) => Date.parse(text) / 1_000)
    .describe("When it ends; one without an end would be another policy."),
  slos: z.array(z.string().min(1)).min(1).optional().describe("Ids of the SLOs; all of them unless given."),
  change: nameField().optional().describe("Kind of change, such as `security-fix`; every kind unless given."),
  by: z.string().min(1).optional().describe("Who decided it."),
});

const recoverySchema = z.strictObject({
  budget: share().prefault("2%").describe("So much more budget must be left than where the state began."),
  burn: share().prefault("80%").describe("The burn must fall to this share of where the state began."),
  after: durationIn(seconds(0), days(7), seconds(1), "0s to 7d")
    .prefault("30m")
    .describe("For so long, before the state is left."),
});

/** An error budget policy: what is done at which budget. */
export const policySchema = z.strictObject({
  name: nameField().default("policy").describe("Name of the policy in answers and the audit."),
  states: z
    .array(stateSchema)
    .min(1)
    .superRefine((states, context) => {
      for (const [i, { name }] of states.entries())
        if (states.findIndex((other) => other.name === name) < i)
          context.addIssue({ code: "custom", path: [i, "name"], message: `${name} is there twice: names are unique` });
    })
    .describe("From mild to severe; the last one that applies counts."),
  recovery: recoverySchema
    .prefault({})
    .describe("How much better it must be before a state is left, so that it does not flap."),
  unknown: z
    .enum(["allow", "block", "approve"])
    .default("block")
    .describe("What a gate does when the budget is not known."),
  min_coverage: share()
    .prefault("10%")
    .describe("Share of the window that must be measured for the budget to be known."),
  always_allow: z
    .array(nameField())
    .default([])
    .describe("Kinds of change that may always be made, such as `rollback`."),
  exemptions: z.array(exemptionSchema).default([]).describe("What is let through for a time."),
});

export type Policy = z.output<typeof policySchema>;
export type PolicyState = Policy["states"][number];
export type PolicyAction = (typeof ACTIONS)[number];

/**
 * The policy where none is written: roll back always, ask when little is left or it burns as for a page, stop at
 * nothing.
 */
export const defaultPolicy = (): Policy =>
  policySchema.parse({
    name: "default",
    always_allow: ["rollback"],
    states: [
      { name: "caution", budget_left_at_most: "25%", actions: ["notify"] },
      { name: "freeze", budget_left_at_most: "10%", burn_above: 14.4, actions: ["approve", "notify"] },
      { name: "exhausted", budget_left_at_most: "0%", actions: ["block", "notify"] },
    ],
  });
