import { suggestion } from '#/codec/forms/index.ts';
import {
  type Complaint,
  type Explained,
  explainSettings,
  formatComplaints,
  loadSettings,
  notBuiltLine,
  settingKeys,
} from '#/config/index.ts';
import { adviseOnStores } from '#/roles/store-advice.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { usage } from '../flags.ts';
import { formatTable, wrap } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import type { Order, Verb } from '../verb.ts';
import { formatCount } from '../when.ts';

export const config: Verb = {
  usage: ['config check [--json]', 'config explain [KEY] [--json]'],
  about:
    'check reports every mistake of the configuration at once, with file, line and remedy, and what is allowed but worth a word; a database that is named is asked whether mail is safe in it. explain shows every setting: its value now, where that comes from, its unit, default, range and reason.',
  flags: {},
  examples: ['holdfast config check', 'holdfast config explain retry', 'holdfast config explain limits.messageBytes'],
  run: async (order) => {
    const [act, key, more] = order.flags.words;
    if (more !== undefined) throw usage('Name one key at a time: holdfast config explain KEY.');
    if (act === 'check') return check(order);
    if (act === 'explain') return explain(key, order);
    throw usage(
      `Say which: holdfast config check, or holdfast config explain [KEY]${act === undefined ? '' : `; not '${act}'`}.`,
    );
  },
};

async function check({ flags, world, terminal, json, answer }: Order): Promise<ExitCode> {
  const given = { config: flags.text('config') ?? undefined, data: flags.text('data') ?? undefined };
  const loading = loadSettings({ ...given, env: world.env, cwd: world.cwd });
  const complaints =
    'mistakes' in loading ? loading.mistakes : [...loading.warnings, ...(await adviseOnStores(loading.settings))];
  const exit = 'mistakes' in loading ? EXIT.usage : EXIT.done;
  const notBuilt = 'mistakes' in loading ? null : notBuiltLine(loading);
  if (json) {
    answer({ ok: exit === EXIT.done, complaints, notBuilt });
    return exit;
  }
  if (complaints.length > 0) terminal.print(formatComplaints(complaints));
  if (notBuilt !== null) terminal.print(`${notBuilt}.`);
  terminal.print(
    outcome(complaints, 'mistakes' in loading ? 'The configuration' : (loading.found.file ?? 'The defaults')),
  );
  return exit;
}

function outcome(complaints: readonly Complaint[], what: string): string {
  const mistakes = complaints.filter(({ severity }) => severity === 'mistake').length;
  if (mistakes > 0)
    return `${what} can't be used: ${mistakes === 1 ? '1 mistake' : `${formatCount(mistakes)} mistakes`}.`;
  const words = complaints.length === 1 ? '1 warning' : `${complaints.length} warnings`;
  return complaints.length === 0 ? `${what} can be used.` : `${what} can be used, with ${words}.`;
}

async function explain(key: string | undefined, { settings, terminal, json, answer }: Order): Promise<ExitCode> {
  const found = explainSettings(await settings(), key);
  if (found.length === 0) throw usage(`There is no setting '${key}': ${suggestion(key ?? '', settingKeys())}`);
  if (json) answer(found);
  else if (found.length === 1 && found[0] !== undefined) terminal.print(formatOne(found[0], terminal));
  else terminal.print(formatMany(found, terminal));
  return EXIT.done;
}

function formatMany(all: readonly Explained[], terminal: Terminal): string {
  const columns = [
    { title: 'SETTING' },
    { title: 'VALUE', least: 16 },
    { title: 'FROM' },
    { title: 'WHAT IT IS', least: 20 },
  ];
  const rows = all.map(({ key, value, from, about, built }) => [
    key,
    { text: value, tone: from === 'default' ? ('quiet' as const) : ('plain' as const) },
    from,
    built ? about : `(later) ${about}`,
  ]);
  return `${formatTable(columns, rows, terminal)}\n\n"holdfast config explain KEY" says more about one.`;
}

function formatOne(one: Explained, terminal: Terminal): string {
  const rows: [string, string | null][] = [
    ['Value', `${one.value} (${one.from})`],
    ['Default', one.default],
    ['Type', one.type],
    ['Unit', one.unit],
    ['Range', one.range],
    ['Variable', one.environment],
    ['What', one.about],
    ['Why', one.reason],
    ['Built', one.built ? null : 'no: comes with a later release, and is left out'],
  ];
  const lines = rows.flatMap(([name, value]) =>
    value === null
      ? []
      : [
          `  ${terminal.paint('quiet', name.padEnd(10))}${wrap(value, terminal.columns - 12).replaceAll('\n', `\n${' '.repeat(12)}`)}`,
        ],
  );
  return [terminal.paint('strong', one.key), ...lines].join('\n');
}
