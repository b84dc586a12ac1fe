import { RELEASE } from '#/roles/release.ts';
import { EXIT } from '../exit-codes.ts';
import { COMMON_FLAGS, type FlagTable, usage } from '../flags.ts';
import { wrap } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import type { ListedVerb, Verb } from '../verb.ts';

export const help: Verb = {
  usage: ['help [VERB]'],
  about: 'Lists the verbs, or says how one is used.',
  flags: {},
  examples: ['holdfast help queue'],
  run: async ({ flags, terminal, verbs }) => {
    const [name] = flags.words;
    terminal.print(name === undefined ? overview(verbs, terminal) : await formatHelp(name, verbs, terminal));
    return EXIT.done;
  },
};

/** How a verb is used. */
export async function formatHelp(name: string, verbs: readonly ListedVerb[], terminal: Terminal): Promise<string> {
  const listed = verbs.find((verb) => verb.name === name);
  if (listed === undefined) throw usage(`There is no verb '${name}'. "holdfast help" lists them.`);
  const verb = await listed.load();
  const blocks = [
    verb.usage.map((line, i) => `${i === 0 ? 'Usage: ' : '       '}holdfast ${line}`).join('\n'),
    wrap(verb.about, terminal.columns),
    ...(Object.keys(verb.flags).length === 0 ? [] : [flagLines(verb.flags, terminal)]),
    `${terminal.paint('strong', 'Every verb')}\n${flagLines(COMMON_FLAGS, terminal)}`,
    ...(verb.examples.length === 0
      ? []
      : [[terminal.paint('strong', 'Examples'), ...verb.examples.map(indented)].join('\n')]),
  ];
  return blocks.join('\n\n');
}

function overview(verbs: readonly ListedVerb[], terminal: Terminal): string {
  const width = Math.max(...verbs.map(({ name }) => name.length));
  return [
    `holdfast ${RELEASE}: business email that can always say where every message is.`,
    '',
    'Usage: holdfast VERB …',
    '',
    ...verbs.map(({ name, summary }) => `  ${terminal.paint('strong', name.padEnd(width))}  ${summary}`),
    '',
    wrap(
      'A verb finds its installation by --config FILE, --data DIR, HOLDFAST_CONFIG, ./holdfast.yaml or ./data, in this order. Every verb takes --json.',
      terminal.columns,
    ),
    'Exit codes: 0 done · 1 the answer is no · 2 wrong usage or configuration · 3 no server · 4 try again.',
    '',
    '"holdfast help VERB" says more about a verb.',
  ].join('\n');
}

function flagLines(table: FlagTable, terminal: Terminal): string {
  const names = Object.entries(table).map(([name, { short, value }]) => {
    const long = `--${name}${value === undefined ? '' : ` ${value}`}`;
    return short === undefined ? long : `-${short}, ${long}`;
  });
  const width = Math.max(...names.map((name) => name.length)) + 4;
  const indent = ' '.repeat(width);
  return Object.values(table)
    .map(
      ({ help: text }, i) =>
        `  ${(names[i] ?? '').padEnd(width - 2)}${wrap(text, terminal.columns - width).replaceAll('\n', `\n${indent}`)}`,
    )
    .join('\n');
}

function indented(line: string): string {
  return `  ${line}`;
}
