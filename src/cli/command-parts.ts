/** Exit codes: findings, and a mistake in the command line or the configuration. */
export const EXIT_FINDINGS = 1;
export const EXIT_USAGE = 2;

/** The option of every verb that needs a configuration. */
export const CONFIG_OPTION = [
  "-c, --config <file>",
  "configuration file (default: $WATCHKEEPER_CONFIG or watchkeeper.yaml)",
] as const;

/** The configuration that is meant when a verb needs one. */
export const configFile = (options: { config?: string }): string =>
  options.config ?? process.env["WATCHKEEPER_CONFIG"] ?? "watchkeeper.yaml";

/** Ends with the code for findings when there are some. */
export function exitWith(hasFindings: boolean): void {
  process.exitCode = hasFindings ? EXIT_FINDINGS : 0;
}
