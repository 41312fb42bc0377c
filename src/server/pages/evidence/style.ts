/** What the pages of evidence need besides the style of every page. */
export const EVIDENCE_STYLE = `
.findings ol { padding-left: 1.8rem; } .findings li { font-size: 1.05rem; margin: .3rem 0; }
.unseen { border-color: var(--wait); } .quiet { border-top: 2px solid var(--line); margin-top: 2.5rem; } .quiet summary, .quiet p { margin: .5rem 0; } summary { cursor: pointer; }
svg.metric { min-width: 14rem; max-width: 28rem; } td.chartcell { width: 28rem; } td pre { margin: .3rem 0; max-height: 9rem; overflow: auto; font-size: .8rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.span { display: flex; gap: .5rem; font-size: .85rem; border-bottom: 1px solid var(--line); align-items: center; }
.span .who { flex: 0 0 46%; box-sizing: border-box; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } .span .when { flex: 1; position: relative; height: 1rem; } .span .length { flex: 0 0 5rem; text-align: right; font-variant-numeric: tabular-nums; }
.lines td:first-child { white-space: nowrap; } .lines td:nth-child(3) { overflow-wrap: anywhere; } .lines td:last-child { width: 60%; }
.bar { position: absolute; top: .2rem; height: .6rem; background: var(--soft); } .bar.failed { background: var(--bad); }
@media (max-width: 40rem) {
  td.chartcell, .lines td:last-child { width: auto; } .span { flex-wrap: wrap; gap: 0 .5rem; } .span .who { flex-basis: 100%; }
  .timeline { overflow-x: auto; direction: rtl; } .timeline svg { direction: ltr; width: 46rem; }
}
`;
