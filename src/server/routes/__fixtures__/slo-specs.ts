/** An SLO with groups and one without. */
export const SPECS = `version: watchkeeper/v1
service: shop
slos:
  - name: pay
    description: Orders that <b>go</b> through.
    objective: 99
    window: 7d
    group_by: [country]
    sli:
      events:
        total: sum by (country) (increase(orders_total[$window]))
        errors: sum by (country) (increase(orders_total{state="failed"}[$window]))
  - name: search
    objective: 99
    window: 7d
    sli:
      events:
        total: sum(increase(searches_total[$window]))
        errors: sum(increase(searches_total{code="500"}[$window]))
`;
