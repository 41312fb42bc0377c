import { z } from "zod";

/**
 * Shapes for what Tempo writes as protobuf's JSON: what is 0, empty or nothing is left out, so that what is there must
 * be what it says. Source: https://protobuf.dev/programming-guides/json/
 */
const NUMBER = /^\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;

/** A count or a duration, also as text; 0 when it is left out. */
export const protoAmount = z
  .union([z.number(), z.string().regex(NUMBER, "is no number").transform(Number)])
  .refine((value) => value >= 0 && Number.isFinite(value), "is no amount")
  .default(0);

/** A text; empty when it is left out. */
export const protoText = z.string().default("");

/** A list of rows; empty when it is left out. */
export const protoList = <S extends z.ZodType>(row: S) => z.array(row).default([]);

/** What Tempo tells of its work, which stands in every answer that counts or searches. */
export const protoWork = z.looseObject({ completedJobs: protoAmount, totalJobs: protoAmount }).optional();
