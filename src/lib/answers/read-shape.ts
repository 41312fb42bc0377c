import type { z } from "zod";
import { CollectError } from "../../core/errors.ts";

/**
 * Reads a decoded answer by a schema. Throws `unexpected_shape` naming the place in the answer that differs, never its
 * value; `source` is the method and URL it came from.
 */
export function readShape<T>(schema: z.ZodType<T>, body: unknown, source: string): T {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? "the answer" : issue.path.map(String).join(".");
  const wanted = issue?.code === "invalid_type" ? `is not of type ${issue.expected}` : "has not the documented shape";
  throw new CollectError("unexpected_shape", `${source}: ${place} ${wanted}`);
}
