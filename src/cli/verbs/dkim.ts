import { EXIT, type ExitCode } from '../exit-codes.ts';
import { usage } from '../flags.ts';
import { type Cell, formatTable } from '../table.ts';
import type { Order, Verb } from '../verb.ts';
import { formatMoment } from '../when.ts';

interface KeyLine {
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: 'rsa' | 'ed25519';
  readonly state: 'waiting' | 'active' | 'retired';
  readonly name: string;
  readonly record: string;
  readonly madeAt: string;
  readonly activeAt: string | null;
  readonly retiredAt: string | null;
}

export const dkim: Verb = {
  usage: [
    'dkim new DOMAIN [--algorithm rsa|ed25519] [--selector NAME]',
    'dkim list DOMAIN',
    'dkim use DOMAIN SELECTOR [--unchecked]',
    'dkim retire|remove DOMAIN SELECTOR',
  ],
  about:
    'Keys that sign the mail of a domain when it leaves (DKIM). new makes one and prints the record to publish; use lets it sign once that record is seen in DNS, and ends the one before it. A word counts 15 seconds later, so that all hosts sign alike. Leave the record of an old key in DNS for two weeks: mail that waits still carries its signature. Make a key of each algorithm if you like; RSA is read by everyone. For the name of this host itself keys sign reports and notices.',
  flags: {
    algorithm: { kind: 'text', value: 'rsa|ed25519', help: 'of the new key (rsa)' },
    selector: { kind: 'text', value: 'NAME', help: 'its name in DNS; by itself the day' },
    unchecked: { kind: 'yes', help: 'without looking for the record in DNS' },
  },
  examples: [
    'holdfast dkim new acme.test',
    'holdfast dkim use acme.test hf20261201r',
    'holdfast dkim list acme.test --json',
  ],
  run: async (order) => {
    const [act, domain, selector, ...more] = order.flags.words;
    if (domain !== undefined && more.length === 0) {
      if (act === 'new' && selector === undefined) return make(domain, order);
      if (act === 'list' && selector === undefined) return list(domain, order);
      if (act === 'use' && selector !== undefined) return use(domain, selector, order);
      if (act === 'retire' && selector !== undefined) return retire(domain, selector, order);
      if (act === 'remove' && selector !== undefined) return remove(domain, selector, order);
    }
    throw usage('Say: holdfast dkim new|list DOMAIN, or holdfast dkim use|retire|remove DOMAIN SELECTOR.');
  },
};

async function make(domain: string, { flags, json, answer, terminal, operations }: Order): Promise<ExitCode> {
  const algorithm = flags.text('algorithm') ?? 'rsa';
  if (algorithm !== 'rsa' && algorithm !== 'ed25519') throw usage('--algorithm is rsa or ed25519.');
  const selector = flags.text('selector');
  await using server = await operations('changes');
  const key = await server.call<KeyLine>('dkim.new', { domain, algorithm, ...(selector === null ? {} : { selector }) });
  if (json) {
    answer(key);
    return EXIT.done;
  }
  terminal.print(`Publish this TXT record:\n\n${key.name}.\n"${key.record}"\n`);
  terminal.print(`When it is there: holdfast dkim use ${key.domain} ${key.selector}`);
  return EXIT.done;
}

async function list(domain: string, { json, answer, terminal, calendar, operations }: Order): Promise<ExitCode> {
  await using server = await operations('reads');
  const keys = await server.call<KeyLine[]>('dkim.list', { domain }, { repeatable: true });
  if (json) {
    answer(keys);
    return EXIT.done;
  }
  const moment = (at: string | null): string => (at === null ? '' : formatMoment(Date.parse(at), calendar));
  const columns = [
    { title: 'selector' },
    { title: 'algorithm' },
    { title: 'state' },
    { title: 'signs from' },
    { title: 'until' },
  ];
  const rows = keys.map((key): Cell[] => [
    key.selector,
    key.algorithm,
    key.state === 'waiting' ? { text: 'waits for its record', tone: 'warn' } : key.state,
    moment(key.activeAt),
    moment(key.retiredAt),
  ]);
  terminal.print(
    rows.length === 0
      ? `Nothing signs for ${domain}. Make a key: holdfast dkim new ${domain}`
      : formatTable(columns, rows, terminal),
  );
  return EXIT.done;
}

async function use(
  domain: string,
  selector: string,
  { flags, json, answer, terminal, calendar, operations }: Order,
): Promise<ExitCode> {
  await using server = await operations('changes');
  const key = await server.call<KeyLine>('dkim.use', { domain, selector, unchecked: flags.is('unchecked') });
  if (json) answer(key);
  else
    terminal.print(
      `${key.selector} signs what is accepted for sending from ${formatMoment(Date.parse(key.activeAt ?? ''), calendar)} on. Leave the record of the key before it in DNS for two weeks.`,
    );
  return EXIT.done;
}

async function retire(
  domain: string,
  selector: string,
  { json, answer, terminal, calendar, operations }: Order,
): Promise<ExitCode> {
  await using server = await operations('changes');
  const key = await server.call<KeyLine>('dkim.retire', { domain, selector });
  if (json) answer(key);
  else
    terminal.print(
      `${key.selector} signs nothing that is accepted from ${formatMoment(Date.parse(key.retiredAt ?? ''), calendar)} on. Leave its record in DNS for two weeks.`,
    );
  return EXIT.done;
}

async function remove(
  domain: string,
  selector: string,
  { json, answer, terminal, operations }: Order,
): Promise<ExitCode> {
  await using server = await operations('changes');
  const done = await server.call<{ removed: boolean }>('dkim.remove', { domain, selector });
  if (json) answer(done);
  else terminal.print(`The key ${selector} is destroyed. Its record may go from DNS.`);
  return EXIT.done;
}
