/** The one stylesheet: tokens, and the parts that pages are made of. */

export const STYLE = `:root {
  color-scheme: light dark;
  --ground: light-dark(oklch(99% 0.003 250), oklch(20% 0.01 250));
  --raised: light-dark(oklch(96% 0.005 250), oklch(25% 0.01 250));
  --line: light-dark(oklch(87% 0.008 250), oklch(36% 0.012 250));
  --text: light-dark(oklch(25% 0.015 250), oklch(92% 0.006 250));
  --text-quiet: light-dark(oklch(45% 0.015 250), oklch(74% 0.01 250));
  --accent: light-dark(oklch(47% 0.14 255), oklch(76% 0.11 255));
  --ok: light-dark(oklch(44% 0.11 150), oklch(76% 0.13 150));
  --warn: light-dark(oklch(46% 0.1 70), oklch(79% 0.12 80));
  --bad: light-dark(oklch(48% 0.17 27), oklch(74% 0.14 27));
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 16px 16px 48px; max-width: 760px;
  background: var(--ground); color: var(--text);
  font: 16px/1.45 system-ui, "Hiragino Sans", "Noto Sans JP", "Yu Gothic UI", sans-serif;
}
:lang(ja) { line-height: 1.7; }
body.work { max-width: 1200px; }
nav { display: flex; flex-wrap: wrap; justify-content: flex-end; align-items: center; gap: 4px 16px; font-size: 14px; }
nav form { margin: 0; }
nav .who { color: var(--text-quiet); overflow-wrap: anywhere; }
nav button { margin: 0; padding: 2px 10px; }
h1 { font-size: 28px; line-height: 1.2; margin: 24px 0 12px; overflow-wrap: anywhere; }
h2 { font-size: 20px; margin: 32px 0 8px; }
p { max-width: 72ch; }
a { color: var(--accent); }
label { display: block; font-weight: 600; }
form { margin: 24px 0; }
input { width: 100%; max-width: 400px; margin: 4px 0 12px; display: block; }
input, button { font: inherit; padding: 8px 12px; border: 1px solid var(--line); border-radius: 6px; background: var(--raised); color: var(--text); }
input[aria-invalid] { border-color: var(--bad); }
button { background: var(--accent); color: var(--ground); border-color: var(--accent); cursor: pointer; }
button.quiet { background: var(--ground); color: var(--text); border-color: var(--line); }
button.final { background: var(--ground); color: var(--bad); border-color: var(--bad); }
button:hover { filter: brightness(1.08); }
input[type="checkbox"] { width: 18px; height: 18px; margin: 2px 0 0; accent-color: var(--accent); }
fieldset { border: 1px solid var(--line); border-radius: 6px; margin: 16px 0; padding: 12px 16px; }
legend { font-weight: 600; padding: 0 4px; }
fieldset label { font-weight: 400; }
.tick { display: flex; gap: 8px; margin: 4px 0; }
.acts { display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center; margin: 12px 0 0; }
.search { display: flex; flex-wrap: wrap; gap: 4px 8px; align-items: center; margin: 12px 0; font-size: 14px; }
.search label { width: 100%; }
.search input { flex: 1 1 240px; margin: 0; padding: 6px 10px; }
.search button { padding: 6px 12px; }
.search .help { width: 100%; }
.tabs { display: flex; flex-wrap: wrap; gap: 4px 20px; border-bottom: 1px solid var(--line); }
.tabs a { padding: 8px 0; text-decoration: none; color: var(--text-quiet); }
.tabs a[aria-current] { color: var(--text); font-weight: 600; box-shadow: inset 0 -2px var(--accent); }
.tabs.small { border: 0; font-size: 14px; }
.tabs.small a { padding: 6px 0; }
.help { color: var(--text-quiet); font-size: 14px; margin: 0 0 8px; }
ul.help { padding-left: 20px; margin-top: 12px; }
.told { padding: 8px 12px; border-radius: 6px; background: var(--raised); border: 1px solid var(--line); border-left: 4px solid; }
.told.ok { border-left-color: var(--ok); }
.told.warn { border-left-color: var(--warn); }
.empty { color: var(--text-quiet); padding: 24px 0; }
.badge { display: inline-block; padding: 0 8px; border: 1px solid; border-radius: 6px; font-size: 14px; white-space: nowrap; color: var(--warn); }
.badge.stopped { color: var(--bad); }
.badge.approval { color: var(--accent); }
.subject { font-weight: 600; overflow-wrap: anywhere; }
p.subject { font-size: 20px; margin: 4px 0 12px; }
.up { font-size: 14px; margin: 8px 0 0; }
.part { background: var(--raised); border: 1px solid var(--line); border-radius: 6px; padding: 4px 16px 16px; margin: 16px 0; }
h1.mail { font-size: 20px; }
.part input { background: var(--ground); }
.part h2 { font-size: 16px; margin: 16px 0 4px; }
.part form { margin: 16px 0 0; }
.reason { margin: 4px 0; }
.addresses { margin: 0; padding: 0; list-style: none; overflow-wrap: anywhere; }
.mails { font-size: 14px; }
.mails td { vertical-align: top; }
.mails { table-layout: fixed; }
.mails th:first-child { width: 32px; }
.mails th:last-child { width: 38%; }
.mails td { overflow-wrap: anywhere; }
.mails .help { font-size: 12px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.mistake { color: var(--bad); margin: 4px 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; }
dt { color: var(--text-quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 8px 12px 8px 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--text-quiet); font-size: 14px; }
.note { border-left: 4px solid var(--accent); padding: 4px 12px; background: var(--raised); }
.quiet { color: var(--text-quiet); font-size: 14px; }
.files { list-style: none; padding: 0; margin: 24px 0; border-top: 1px solid var(--line); }
.files li { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: center; padding: 12px 0; border-bottom: 1px solid var(--line); }
.files div { flex: 1 1 240px; overflow-wrap: anywhere; }
.files form { margin: 0; }
button.second { background: var(--raised); color: var(--text); border-color: var(--line); }
button[disabled] { background: var(--raised); color: var(--text-quiet); border-color: var(--line); cursor: not-allowed; }
@media (max-width: 640px) {
  .mails thead { display: none; }
  .mails tr { display: grid; grid-template-columns: 28px 1fr; padding: 8px 0; border-bottom: 1px solid var(--line); }
  .mails td { border: 0; padding: 2px 0; grid-column: 2; }
  .mails td:first-child { grid-column: 1; grid-row: 1 / 4; }
  dl.facts { grid-template-columns: 1fr; gap: 0; }
  dl.facts dd { margin-bottom: 8px; }
  .acts button { flex: 1 1 120px; }
}
`;
