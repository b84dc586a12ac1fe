/** docs/settings.md, from the declarations in src/config. */
import { DECLARED, describeSetting, type Explained, settingsIn } from '#/config/index.ts';

/** The page that is made from the declarations. */
export const SETTINGS_PAGE = 'docs/settings.md';

const HEAD = [
  '# Settings',
  '',
  'Every setting of `holdfast.yaml`. Written from `src/config/settings/declared.ts` by `tools/docs.ts`; `holdfast config explain` shows the same with the values of your installation and where they come from.',
  '',
  'Durations carry a unit (`ms s m h d`), sizes too (`kB MB GB`, or `KiB MiB GiB` for powers of two). A variable of the environment overrides the file: one value as it is, a list with commas, roles as `gate+deliver,janitor`. Secrets may be `{ env: NAME }` or `{ file: PATH }` anywhere. Relative paths start at the file that says them.',
  '',
  'A file is found by `--config F`, `--data DIR` (a `holdfast.yaml` inside it), `HOLDFAST_CONFIG`, or `./holdfast.yaml`, in this order; without one the defaults serve and the data is in `./data`.',
];

type Described = Omit<Explained, 'value' | 'from'>;

/** The whole page. */
export function formatSettings(): string {
  const all = settingsIn(DECLARED).map(([path, setting]) => describeSetting(path, setting));
  return `${[...HEAD, ...all.flatMap(formatSetting)].join('\n')}\n`;
}

function formatSetting(setting: Described): string[] {
  const { key, type, unit, range, about, reason, environment, built } = setting;
  const facts = [
    `- Default: ${setting.default.startsWith('[') || !setting.default.includes(' ') ? `\`${setting.default}\`` : setting.default}`,
    `- Form: ${type}${unit === null ? '' : ` (${unit})`}${range === null ? '' : `; ${range}`}`,
    environment === null ? '- Environment: no' : `- Environment: \`${environment}\``,
    `- Why: ${reason}`,
  ];
  const later = built ? [] : ['', '*Comes with a later release.*'];
  return ['', `## ${key}`, about, ...later, '', ...facts];
}
