import { EXIT } from '../exit-codes.ts';
import { usage } from '../flags.ts';
import { formatTable, harmless } from '../table.ts';
import type { Verb } from '../verb.ts';
import { formatMoment } from '../when.ts';

interface ChangeLine {
  readonly at: string;
  readonly kind: string;
  readonly by: string;
  readonly what: string;
}

const SHOWN = 200;
const LIMIT_MAX = 1_000;

export const changes: Verb = {
  usage: ['changes [--from T] [--to T] [--limit N]'],
  about:
    'Every trouble follows a change, or a batch job. This lists what was changed in a window, oldest first: tenants, people and rules (resources); what operators did to queues, mailboxes, relays, bypasses (act); processes that began and ended, which is how scaling, restarts and new releases show (process).',
  flags: {
    from: { kind: 'text', value: 'T', help: 'a time with its offset, or how long ago, such as 4h (24h)' },
    to: { kind: 'text', value: 'T', help: 'the same; now where it is absent' },
    limit: { kind: 'text', value: 'N', help: `the newest N of them (${SHOWN})` },
  },
  examples: ['holdfast changes --from 4h', 'holdfast changes --from 2026-11-30T11:00:00+09:00 --to 25m'],
  run: async ({ flags, json, answer, terminal, calendar, operations }) => {
    if (flags.words.length > 0) throw usage('changes takes no words; say --from and --to.');
    const [from, to] = [flags.text('from'), flags.text('to')];
    await using server = await operations('reads');
    const found = await server.call<{ changes: ChangeLine[]; complete: boolean }>('changes.list', {
      ...(from === null ? {} : { from }),
      ...(to === null ? {} : { to }),
      limit: flags.count('limit', SHOWN, LIMIT_MAX),
    });
    if (json) {
      answer(found);
      return EXIT.done;
    }
    const columns = [{ title: 'at' }, { title: 'kind' }, { title: 'what', least: 30 }, { title: 'by', least: 12 }];
    const rows = found.changes.map(({ at, kind, by, what }) => [
      formatMoment(Date.parse(at), calendar),
      kind,
      harmless(what),
      harmless(by),
    ]);
    terminal.print(rows.length === 0 ? 'Nothing was changed in this time.' : formatTable(columns, rows, terminal));
    if (!found.complete) terminal.note('There are older ones in this window: name a shorter one, or --limit.');
    return EXIT.done;
  },
};
