/** A variable as it stands in a text. */
export interface VariableUse {
  readonly name: string;
  /** What is taken of it, such as `labels.node` in `${__field.labels.node}`. */
  readonly path?: string;
  readonly format?: string;
}

/**
 * `$name`, `${name}`, `${name.path:format}` and `[[name:format]]`. A `$1` stands for a group of a regular expression.
 * Source: https://grafana.com/docs/grafana/latest/visualizations/dashboards/variables/variable-syntax/
 */
const USE =
  /\$(?<plain>\w+)|\[\[(?<old>\w+)(?::(?<oldFormat>\w+))?\]\]|\$\{(?<braced>\w+)(?:\.(?<path>[^:}]+))?(?::(?<format>[^}]+))?\}/g;

/** Every variable that Grafana would look for in a text. */
export const variablesIn = (text: string): readonly VariableUse[] =>
  Array.from(text.matchAll(USE), ({ groups = {} }): VariableUse => {
    const { plain, old, braced, path } = groups;
    const format = groups["oldFormat"] ?? groups["format"];
    return {
      name: plain ?? old ?? braced ?? "",
      ...(path !== undefined && { path }),
      ...(format !== undefined && { format }),
    };
  }).filter(({ name }) => !/^\d+$/.test(name));

/**
 * Those that Grafana fills in by itself everywhere.
 * Source:
 * https://grafana.com/docs/grafana/latest/visualizations/dashboards/variables/add-template-variables/#global-variables
 */
export const GLOBAL_VARIABLES: ReadonlySet<string> = new Set([
  "__all",
  "__all_variables",
  "__dashboard",
  "__from",
  "__interval",
  "__interval_ms",
  "__org",
  "__range",
  "__range_ms",
  "__range_s",
  "__rate_interval",
  "__rate_interval_ms",
  "__timezone",
  "__to",
  "__url_time_range",
  "__user",
]);

/** Those that only links on values know. */
export const LINK_VARIABLES: ReadonlySet<string> = new Set(["__data", "__field", "__series", "__value"]);

/** Every text within a value, with the key that it stands under. */
export function* textsIn(value: unknown, key = ""): Generator<{ readonly key: string; readonly text: string }> {
  if (typeof value === "string") yield { key, text: value };
  else if (Array.isArray(value)) for (const each of value) yield* textsIn(each, key);
  else if (typeof value === "object" && value !== null)
    for (const [name, each] of Object.entries(value)) yield* textsIn(each, name);
}
