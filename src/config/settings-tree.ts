import { z } from "zod";
import type { JsonSchema } from "../lib/documents/schema-tree.ts";
import { configSchema, type Kinds } from "./schema.ts";

/** The JSON Schema of what a person writes, from which all help, checks of keys and pages are derived. */
export const settingsTree = (kinds: Kinds): JsonSchema => z.toJSONSchema(configSchema(kinds), { io: "input" });
