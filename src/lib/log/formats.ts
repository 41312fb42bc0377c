/** Forms of a line of the log: `json` and `ecs` are one object, `text` is for people. */
export const LOG_FORMATS = ["json", "ecs", "text"] as const;
