import { EXIT } from '../exit-codes.ts';
import { usage } from '../flags.ts';
import { formatTable, harmless } from '../table.ts';
import type { Verb } from '../verb.ts';
import { formatCount, formatMoment } from '../when.ts';

interface Checked {
  readonly tenants: number;
  readonly contacts: number;
  readonly missing: readonly { readonly tenant: string; readonly name: string }[];
  readonly failing: readonly {
    readonly tenant: string;
    readonly address: string;
    readonly at: string;
    readonly state: string;
    readonly reply: string;
  }[];
}

export const contacts: Verb = {
  usage: ['contacts check'],
  about:
    'Who would hear of an incident: tenants without a contact, and contacts whose last mail about one did not arrive. Exits 1 where there is one. Contacts stand in the resources (`contacts: [it@acme.test]`).',
  flags: {},
  examples: ['holdfast contacts check'],
  run: async ({ flags, json, answer, terminal, calendar, operations }) => {
    const [act = 'check', ...more] = flags.words;
    if (act !== 'check' || more.length > 0) throw usage(`contacts knows one thing: holdfast contacts check.`);
    await using server = await operations('reads');
    const found = await server.call<Checked>('contacts.check', {});
    const isGood = found.missing.length === 0 && found.failing.length === 0;
    if (json) answer(found);
    else {
      const rows = [
        ...found.missing.map(({ tenant, name }) => [tenant, harmless(name), 'has no contact', '']),
        ...found.failing.map(({ tenant, address, at, state, reply }) => [
          ...[
            tenant,
            harmless(address),
            state === 'nobody' ? 'leads to nobody' : `${state} ${formatMoment(Date.parse(at), calendar)}`,
          ],
          harmless(reply),
        ]),
      ];
      const columns = [
        { title: 'tenant' },
        { title: 'who', least: 16 },
        { title: 'what' },
        { title: 'reply', least: 16 },
      ];
      if (rows.length > 0) terminal.print(`${formatTable(columns, rows, terminal)}\n`);
      const counts = `${formatCount(found.contacts)} contacts of ${formatCount(found.tenants)} tenants`;
      terminal.print(
        isGood ? `${counts}; each tenant has one, and none is known to fail.` : `${counts}; ${rows.length} need you.`,
      );
    }
    return isGood ? EXIT.done : EXIT.no;
  },
};
