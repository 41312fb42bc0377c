const slo = 'sloth_service="shop", sloth_slo="requests"';

/**
 * What sloth's own UI (v0.16.0, read in its source) and its Grafana dashboards 14348 (one SLO) and 14643 (all of them)
 * need, by metric and label. The dashboards' JSON was not at hand: their part is what their panels show, not their
 * text.
 * Source: https://sloth.dev/usage/dashboards/
 */
export const SLOTH_QUERIES = [
  // variables of both dashboards, and the UI's list
  'sloth_slo_info{sloth_service="shop"}',
  "max by (sloth_service, sloth_id, sloth_objective, sloth_slo) (sloth_slo_info{sloth_id!=''})",
  "max by (sloth_id) (slo:time_period:days{sloth_id!=''})",
  // one SLO
  `1 - max(slo:sli_error:ratio_rate5m{${slo}})`,
  `slo:objective:ratio{${slo}}`,
  `slo:error_budget:ratio{${slo}}`,
  `slo:current_burn_rate:ratio{${slo}}`,
  `slo:period_burn_rate:ratio{${slo}}`,
  `slo:period_error_budget_remaining:ratio{${slo}}`,
  `1 - sum_over_time(slo:sli_error:ratio_rate1h{${slo}}[32d:1h]) / on (sloth_id) slo:error_budget:ratio{${slo}}`,
  `slo:sli_error:ratio_rate6h{${slo}, sloth_window="6h"}`,
  `sum(ALERTS{${slo}, sloth_severity="page", alertstate="firing"})`,
  `sum(ALERTS{${slo}, sloth_severity="ticket", alertstate="firing"})`,
  // all SLOs
  "slo:current_burn_rate:ratio{sloth_service=~'.*'} > 1",
  "topk(10, slo:period_error_budget_remaining:ratio{sloth_service=~'.*'})",
  "count(slo:sli_error:ratio_rate5m{sloth_window='5m'} > on (sloth_id) group_left () slo:error_budget:ratio{sloth_service=~'.*'})",
  'ALERTS{sloth_id!=""}',
] as const;
