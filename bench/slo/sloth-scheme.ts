/**
 * The expressions that sloth's published scheme evaluates for an SLO of 30 days, all in groups without an interval of their
 * own; labels, which cost nothing, are left out. Source: https://sloth.dev/slos/architecture/
 */
export function slothExpressions(total: (window: string) => string, errors: (window: string) => string): string[] {
  const ratio = (window: string): string => `slo:sli_error:ratio_rate${window}{sloth_id="web"}`;
  const over = (how: string): string => `${how}_over_time(${ratio("5m")}[30d])`;
  const tier = (short: string, long: string, factor: number): string => {
    const burns = [short, long].map((window) => `max(${ratio(window)} > (${factor} * 0.005)) without (sloth_window)`);
    return `(${burns.join(" and ")})`;
  };
  return [
    ...["5m", "30m", "1h", "2h", "6h", "1d", "3d"].map((window) => `(${errors(window)}) / (${total(window)})`),
    `${over("sum")} / ignoring (sloth_window) ${over("count")}`,
    "vector(0.995)",
    "vector(1 - 0.995)",
    "vector(30)",
    `${ratio("5m")} / on (sloth_id) group_left slo:error_budget:ratio{sloth_id="web"}`,
    `${ratio("30d")} / on (sloth_id) group_left slo:error_budget:ratio{sloth_id="web"}`,
    '1 - slo:period_burn_rate:ratio{sloth_id="web"}',
    "vector(1)",
    `${tier("5m", "1h", 14.4)} or ${tier("30m", "6h", 6)}`,
    `${tier("2h", "1d", 3)} or ${tier("6h", "3d", 1)}`,
  ];
}
