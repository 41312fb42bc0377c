/** Texts in columns, each as wide as its widest text; the last one is cut off at `width`, if there is one. */
export function columns(rows: readonly (readonly string[])[], width?: number): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows
    .map((row) => {
      const line = row.map((text, i) => (i === row.length - 1 ? text : text.padEnd(widths[i] ?? 0))).join("  ");
      return width !== undefined && line.length > width ? `${line.slice(0, Math.max(0, width - 1))}…` : line.trimEnd();
    })
    .join("\n");
}
