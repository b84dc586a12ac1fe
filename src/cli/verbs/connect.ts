import { EXIT, type ExitCode } from '../exit-codes.ts';
import { usage } from '../flags.ts';
import { wrap } from '../table.ts';
import type { Order, Verb } from '../verb.ts';
import { formatMoment } from '../when.ts';

interface Wording {
  readonly en: string;
  readonly ja: string;
}

interface Instructions {
  readonly steps: readonly { readonly title: Wording; readonly text: Wording; readonly script: string | null }[];
}

interface Checked {
  readonly connector: string;
  readonly found: readonly { readonly state: 'good' | 'bad' | 'unknown'; readonly text: Wording }[];
}

interface RelayLine {
  readonly name: string;
  readonly lastSeen: string | null;
  readonly lastError: string | null;
  readonly lastErrorAt: string | null;
}

interface Cloud {
  readonly kind: string;
  readonly tenant: string;
}

const CLOUDS: readonly string[] = ['microsoft365', 'google'];

export const connect: Verb = {
  usage: ['connect microsoft365|google TENANT [--check]'],
  about:
    'What to set in Microsoft 365 or Google Workspace so that a tenant’s mail comes through this server: connectors, the rule with the secret header, the way back where the connector has returnTo, DNS. Scripts can be pasted as they are; the secret is asked for where it is needed, for only its hash is kept here. --check looks at what can be seen from here, and says when the connector was last seen and what was refused.',
  flags: { check: { kind: 'yes', help: 'look whether it works, and change nothing' } },
  examples: [
    'holdfast connect microsoft365 acme',
    'holdfast connect google acme --lang ja',
    'holdfast connect microsoft365 acme --check',
  ],
  run: async (order) => {
    const [kind, tenant, ...more] = order.flags.words;
    if (kind === undefined || !CLOUDS.includes(kind) || tenant === undefined || more.length > 0)
      throw usage('Name the cloud and one tenant: holdfast connect microsoft365|google TENANT.');
    const cloud = { kind, tenant };
    return order.flags.is('check') ? check(cloud, order) : show(cloud, order);
  },
};

async function show(cloud: Cloud, { json, answer, terminal, calendar, operations }: Order): Promise<ExitCode> {
  await using server = await operations('reads');
  const found = await server.call<Instructions>('connect.show', cloud, { repeatable: true });
  if (json) {
    answer(found);
    return EXIT.done;
  }
  for (const [i, { title, text, script }] of found.steps.entries()) {
    terminal.print(terminal.paint('strong', `${i === 0 ? '' : '\n'}${i + 1}. ${title[calendar.language]}`));
    terminal.print(wrap(text[calendar.language], terminal.columns));
    // As it is, to the letter: it is there to be pasted.
    if (script !== null) terminal.print(`\n${script}`);
  }
  return EXIT.done;
}

/** Exit 1 where something has to be mended. */
async function check(cloud: Cloud, { json, answer, terminal, calendar, operations }: Order): Promise<ExitCode> {
  await using server = await operations('refuses');
  const { found, ...about } = await server.call<Checked>('connect.check', cloud, { repeatable: true });
  const relays = await server.call<RelayLine[]>('relay.list', { tenant: cloud.tenant }, { repeatable: true });
  const seen = relays.find(({ name }) => name === about.connector) ?? null;
  const isWell = found.every(({ state }) => state === 'good');
  if (json) {
    answer({ ...about, found, lastSeen: seen?.lastSeen ?? null, lastError: seen?.lastError ?? null });
    return isWell ? EXIT.done : EXIT.no;
  }
  const words = WORDS[calendar.language];
  for (const { state, text } of found) {
    const mark = state === 'good' ? words.good : terminal.paint(state === 'bad' ? 'bad' : 'warn', words[state]);
    terminal.print(`${mark}  ${wrap(text[calendar.language], terminal.columns - 10).replaceAll('\n', '\n         ')}`);
  }
  const moment = (at: string | null): string => (at === null ? words.never : formatMoment(Date.parse(at), calendar));
  terminal.print(`\n${words.seen(moment(seen?.lastSeen ?? null))}`);
  const error = seen?.lastError ?? null;
  if (error !== null) terminal.print(`${words.trouble(moment(seen?.lastErrorAt ?? null))} ${error}`);
  return isWell ? EXIT.done : EXIT.no;
}

const WORDS = {
  en: {
    good: 'good   ',
    bad: 'mend   ',
    unknown: 'unknown',
    never: 'never',
    seen: (at: string) => `Mail of the connector was last taken: ${at}.`,
    trouble: (at: string) => `Last trouble, ${at}:`,
  },
  ja: {
    good: '正常   ',
    bad: '要対応 ',
    unknown: '不明   ',
    never: 'まだありません',
    seen: (at: string) => `このコネクタのメールを最後に受け取った時刻: ${at}`,
    trouble: (at: string) => `最後の問題（${at}）:`,
  },
} as const;
