/**
 * Whether a text that somebody asks for can be no id of a row: PostgreSQL refuses this character in whatever it is
 * asked.
 */
export const isNoId = (text: string): boolean => text.includes("\0");
