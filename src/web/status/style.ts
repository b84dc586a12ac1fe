/** What the status pages have beside the common stylesheet; the tokens are its own. Kept apart, since these pages are also written out as files. */
export const STATUS_STYLE = `:root {
  --partial: light-dark(oklch(50% 0.15 45), oklch(76% 0.14 55));
}
.status header { display: flex; justify-content: space-between; gap: 16px; align-items: baseline; font-size: 14px; }
.status header a { white-space: nowrap; }
.status h2 { margin: 40px 0 12px; }
.whole { display: flex; gap: 16px; align-items: center; margin: 24px 0 8px; padding: 20px; border: 1px solid var(--line); border-left: 6px solid; border-radius: 6px; background: var(--raised); }
.whole h1 { margin: 0; font-size: 24px; color: var(--text); }
.whole p { margin: 4px 0 0; color: var(--text-quiet); font-size: 14px; }
.mark { font-size: 22px; width: 28px; text-align: center; flex: none; }
.none, .operational { color: var(--ok); }
.minor, .degraded_performance { color: var(--warn); }
.major, .partial_outage { color: var(--partial); }
.critical, .major_outage { color: var(--bad); }
.maintenance, .under_maintenance { color: var(--accent); }
.incident { margin: 16px 0; padding: 12px 20px; border: 1px solid var(--line); border-left: 6px solid var(--text-quiet); border-radius: 6px; }
.incident.minor { border-left-color: var(--warn); }
.incident.major { border-left-color: var(--partial); }
.incident.critical { border-left-color: var(--bad); }
.incident.maintenance { border-left-color: var(--accent); }
.incident h3 { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 16px; align-items: baseline; margin: 4px 0; font-size: 16px; overflow-wrap: anywhere; color: var(--text); }
.incident p { margin: 8px 0; color: var(--text); overflow-wrap: anywhere; white-space: pre-line; }
.incident p.quiet, .incident .quiet { color: var(--text-quiet); }
.parts { list-style: none; margin: 0; padding: 0; border: 1px solid var(--line); border-radius: 6px; }
.parts > li { padding: 14px 16px 10px; border-top: 1px solid var(--line); }
.parts > li:first-child { border-top: 0; }
.parts .line { display: flex; flex-wrap: wrap; gap: 0 12px; align-items: baseline; }
.parts b { font-weight: 600; }
.parts .line > span:first-of-type { color: var(--text-quiet); font-size: 14px; flex: 1 1 auto; }
.state { font-size: 14px; font-weight: 600; white-space: nowrap; }
.why { margin: 6px 0 0; font-size: 14px; }
.bars { display: block; width: 100%; height: 28px; margin: 10px 0 2px; }
.bars path { fill: none; stroke: currentColor; stroke-width: 36; stroke-dasharray: 5 2; }
.bars .operational, .bars .na { stroke-width: 26; }
.bars .na { color: var(--line); }
.scale { display: flex; justify-content: space-between; font-size: 12px; color: var(--text-quiet); font-variant-numeric: tabular-nums; }
.flow { display: grid; grid-template-columns: repeat(3, 1fr); border: 1px solid var(--line); border-radius: 6px; margin: 0; }
.flow div { padding: 12px 16px; border-left: 1px solid var(--line); }
.flow div:first-child { border-left: 0; }
.flow dt { font-size: 14px; }
.flow dd { font-size: 20px; font-variant-numeric: tabular-nums; }
.plots { display: grid; grid-template-columns: repeat(2, 1fr); gap: 20px 24px; }
.plots figure { margin: 0; min-width: 0; }
.plots figcaption { display: flex; justify-content: space-between; gap: 8px; font-size: 14px; }
.plots figcaption b { font-weight: 600; }
.plots figcaption span { color: var(--text-quiet); font-variant-numeric: tabular-nums; white-space: nowrap; }
.plots svg { display: block; width: 100%; margin-top: 4px; }
.plots path { fill: none; stroke-linejoin: round; }
.plots .grid { stroke: var(--line); }
.plots .slow { stroke: var(--warn); stroke-dasharray: 3 3; }
.plots .p50 { stroke: var(--text-quiet); stroke-width: 1; }
.plots .p95 { stroke: var(--accent); stroke-width: 2; stroke-linecap: round; }
.plots text { font-size: 10px; fill: var(--text-quiet); }
summary { cursor: pointer; color: var(--accent); font-size: 14px; margin-top: 16px; }
.changes { list-style: none; margin: 0; padding: 0; }
.changes li { display: grid; grid-template-columns: 112px 1fr; gap: 0 16px; padding: 10px 0; border-top: 1px solid var(--line); }
.changes time { color: var(--text-quiet); font-size: 14px; font-variant-numeric: tabular-nums; }
.changes p { margin: 2px 0 0; font-size: 14px; color: var(--text-quiet); }
.status footer { margin-top: 48px; padding-top: 16px; border-top: 1px solid var(--line); color: var(--text-quiet); font-size: 14px; }
.status footer a { margin-right: 16px; }
@media (max-width: 560px) {
  .whole { padding: 16px; }
  .whole h1 { font-size: 20px; }
  .parts .line { justify-content: space-between; }
  .parts .line > span:first-of-type { order: 1; flex-basis: 100%; }
  .flow { grid-template-columns: 1fr; }
  .flow div { display: flex; justify-content: space-between; align-items: baseline; gap: 12px; border-left: 0; border-top: 1px solid var(--line); }
  .flow div:first-child { border-top: 0; }
  .flow dd { font-size: 16px; text-align: right; }
  .plots { grid-template-columns: 1fr; }
  .changes li { grid-template-columns: 1fr; }
}
`;
