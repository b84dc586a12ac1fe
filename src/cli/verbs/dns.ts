import { EXIT, type ExitCode } from '../exit-codes.ts';
import { usage } from '../flags.ts';
import { formatTable } from '../table.ts';
import type { Order, Verb } from '../verb.ts';

interface DnsRecord {
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly about: string;
}

export const dns: Verb = {
  usage: ['dns show DOMAIN'],
  about:
    'The DNS records to publish for a domain, so that mail, and mail programs, find this installation: MX, SPF, SRV for mail programs (RFC 6186), and the names where these ask for their settings. Host and ports are those of hostname, listen and clients in holdfast.yaml.',
  flags: {},
  examples: ['holdfast dns show acme.test', 'holdfast dns show acme.test --json'],
  run: async (order) => {
    const [act, domain, ...more] = order.flags.words;
    if (act !== 'show' || domain === undefined || more.length > 0) throw usage('Say: holdfast dns show DOMAIN');
    return show(domain, order);
  },
};

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
