import { z } from "zod";
import type { LabelMatcher } from "../../core/label-matcher.ts";
import { MatcherFault, parseMatchers } from "../../lib/matcher-text.ts";

/** One text of matchers; parsed into them. */
const matcherField = () =>
  z.string().transform((text, context): readonly LabelMatcher[] => {
    try {
      const matchers = parseMatchers(text);
      if (matchers.length > 0) return matchers;
      context.addIssue({ code: "custom", message: 'holds no matcher: write one such as severity="critical"' });
    } catch (thrown) {
      if (!(thrown instanceof MatcherFault)) throw thrown;
      context.addIssue({ code: "custom", message: `column ${thrown.column} of the matcher: ${thrown.message}` });
    }
    return z.NEVER;
  });

/** A list of matchers that must all match, each as Alertmanager writes it. */
export const matchersField = () =>
  z
    .array(matcherField())
    .transform((lists) => lists.flat())
    .meta({ title: "list of matchers" });
