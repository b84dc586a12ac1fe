/**
 * Mailboxes beside Dovecot: mail coming in, a large mailbox opened, read and emptied.
 *
 * `npm run bench -- mailbox [--row NAME]… [--rounds N] [--letters N] [--large N] [--quick] [--quiet]`; all rows in the formats of Dovecot that
 * do best at them. Both over TLS, on the same disk. `--quick`: whether it works, not how fast; it writes no file.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { type RatioLine, ratioTable } from './lib/ratios.ts';
import { keep } from './lib/report.ts';
import { ROWS, type Row, rowsNamed } from './mailbox/rows.ts';
import { type MailServer, startDovecotIn, startHoldfast } from './mailbox/servers.ts';

const { values } = parseArgs({
  options: {
    row: { type: 'string', multiple: true, default: [] },
    rounds: { type: 'string' },
    letters: { type: 'string' },
    large: { type: 'string' },
    quick: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
  },
});

const usual = values.quick ? { rounds: 1, letters: 500, large: 20_000 } : { rounds: 5, letters: 4_000, large: 100_000 };
const effort = {
  rounds: Number(values.rounds ?? usual.rounds),
  letters: Number(values.letters ?? usual.letters),
  large: Number(values.large ?? usual.large),
  say: (line: string): void => console.error(line),
};
const rows = rowsNamed(values.row);
if (rows.length === 0) {
  console.error(`There is no row ${values.row.join(', ')}. Rows: ${ROWS.map(({ name }) => name).join(' ')}`);
  process.exitCode = 2;
} else {
  const began = performance.now();
  const ratios: RatioLine[] = [];
  const notRun: string[] = [];
  for (const row of rows) await runRow(row, ratios, notRun);
  const minutes = (performance.now() - began) / 60_000;
  const text = ['### Mailboxes', ratioTable(ratios), ...notRun, howTaken(minutes)].join('\n\n');
  console.log(text);
  if (values.row.length === 0 && !values.quick && !values.quiet) keep('mailbox', text);
}

async function runRow(row: Row, ratios: RatioLine[], notRun: string[]): Promise<void> {
  await using opening = new AsyncDisposableStack();
  const peers: MailServer[] = [];
  for (const format of row.peers) {
    const peer = await startDovecotIn(format);
    if ('missing' in peer) {
      notRun.push(`Not run: ${row.name}. ${peer.missing}`);
      return;
    }
    peers.push(opening.use(peer));
  }
  const ours = opening.use(await startHoldfast());
  try {
    ratios.push(...(await row.run(ours, peers, effort)));
  } catch (error) {
    notRun.push(`Not run: ${row.name}. ${String(error)}`);
    for (const server of [ours, ...peers]) console.error(`${server.name} logged:\n${server.log().slice(-LOG_SHOWN)}`);
  }
}

const LOG_SHOWN = 3_000;

function howTaken(minutes: number): string {
  return `Taken in ${minutes.toFixed(0)} minutes: ${effort.rounds} rounds of each row, the servers in turn, ${effort.letters.toLocaleString('en')} letters a round; medians of the rounds, and in brackets the lowest and highest ratio. One machine with ${availableParallelism()} cores for clients and server; TLS for both but with LMTP. LMTP ends when the last letter can be read by IMAP: Holdfast takes it into custody first (a flush before its 250, trace, journal, books), then parses and indexes it. Dovecot flushes as it does unless told otherwise (\`mail_fsync = optimized\`), has no index of words, and its passwords are in clear: its sign-in hashes nothing. While 50,000 messages go, six others and their owner sign in and look every 50 ms, each time anew.`;
}
