import { EXIT, type ExitCode } from '../exit-codes.ts';
import { usage } from '../flags.ts';
import { formatTable, harmless } from '../table.ts';
import type { Order, Verb } from '../verb.ts';

interface DnsRecord {
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly about: string;
}

export const dns: Verb = {
  usage: ['dns show DOMAIN', 'dns check DOMAIN'],
  about:
    'The DNS records to publish for a domain, so that mail, and mail programs, find this installation: MX, SPF, DMARC, the keys that sign its mail (DKIM), SRV for mail programs (RFC 6186), and the names where these ask for their settings. check asks DNS for those that other mail servers look at, and says which lack. Host and ports are those of hostname, listen and clients in holdfast.yaml.',
  flags: {},
  examples: ['holdfast dns show acme.test', 'holdfast dns check acme.test', 'holdfast dns show acme.test --json'],
  run: async (order) => {
    const [act, domain, ...more] = order.flags.words;
    if ((act !== 'show' && act !== 'check') || domain === undefined || more.length > 0)
      throw usage('Say: holdfast dns show|check DOMAIN');
    return act === 'show' ? show(domain, order) : check(domain, order);
  },
};

interface CheckedRecord extends DnsRecord {
  readonly state: 'right' | 'differs' | 'wrong' | 'missing' | 'unknown';
  readonly found: readonly string[];
}

const STATES: Readonly<Record<CheckedRecord['state'], string>> = {
  right: 'right',
  differs: 'other text',
  wrong: 'wrong',
  missing: 'missing',
  unknown: 'no answer',
};

async function check(domain: string, { json, answer, terminal, operations }: Order): Promise<ExitCode> {
  await using server = await operations('reads');
  const found = await server.call<CheckedRecord[]>('dns.check', { domain }, { repeatable: true });
  const bad = found.filter(({ state }) => state !== 'right' && state !== 'differs');
  const code = bad.length === 0 ? EXIT.done : EXIT.no;
  if (json) {
    answer(found);
    return code;
  }
  const columns = [
    { title: 'NAME' },
    { title: 'TYPE' },
    { title: 'IN DNS' },
    { title: 'WANTED', least: 12 },
    { title: 'FOUND', least: 12 },
  ];
  const rows = found.map(({ name, type, state, value, found: texts }) => [
    `${name}.`,
    type,
    state === 'right' || state === 'differs' ? STATES[state] : { text: STATES[state], tone: 'warn' as const },
    value,
    harmless(texts.join(' | ')),
  ]);
  terminal.print(formatTable(columns, rows, terminal));
  terminal.print(
    bad.length === 0
      ? `\nAll ${found.length} are there.`
      : `\n${bad.length} of ${found.length} are not right. "holdfast dns show ${domain}" prints what to publish; a change takes until its TTL is over.`,
  );
  return code;
}

async function show(domain: string, { json, answer, terminal, operations }: Order): Promise<ExitCode> {
  await using server = await operations('reads');
  const found = await server.call<DnsRecord[]>('dns.show', { domain }, { repeatable: true });
  if (json) {
    answer(found);
    return EXIT.done;
  }
  const columns = [{ title: 'NAME' }, { title: 'TYPE' }, { title: 'VALUE' }, { title: 'WHY', least: 12 }];
  const rows = found.map(({ name, type, value, about }) => [
    `${name}.`,
    type,
    type === 'TXT' ? `"${value}"` : value,
    about,
  ]);
  terminal.print(formatTable(columns, rows, terminal));
  terminal.print(`\n${found.length} records to publish for ${domain}.`);
  return EXIT.done;
}
