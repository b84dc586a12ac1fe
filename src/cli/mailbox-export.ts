/** `mailbox export`: an account is copied out into files. */
import { resolve } from 'node:path';
import { exportAccount, type Granted } from '#/roles/transfer.ts';
import { FORMATS, type TakenFolder } from '#/transfer/index.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { usage } from './flags.ts';
import { endOf, formatIn, watchIn } from './mailbox-moves.ts';
import { formatTable, harmless } from './table.ts';
import type { Order } from './verb.ts';
import { formatCount, formatSize } from './when.ts';

/** `mailbox export ADDRESS PATH`. */
export async function exportMail(address: string, path: string, order: Order): Promise<ExitCode> {
  const { flags, world, terminal, json, answer } = order;
  const reason = flags.text('read-body');
  if (reason === null)
    throw usage('Say why this mail may be read: --read-body REASON. It is written into the audit log.');
  const format = formatIn(order);
  if (format === null) throw usage(`Say how to write it: --format ${FORMATS.join(', --format ')}.`);
  const [mailbox = null, more] = flags.texts('folder');
  if (more !== undefined) throw usage('--folder names one mailbox here; without it all of them are exported.');
  const to = resolve(world.cwd, path);
  await using server = await order.operations('changes');
  const granted = await server.call<Granted>('mailbox.export', { address, to, folder: mailbox, reason });
  const { settings } = await order.settings();
  const taken = await exportAccount(settings, granted, { to, format, mailbox }, watchIn(order)).catch(
    (error: unknown) => {
      throw endOf(error, order);
    },
  );
  if (json) answer(taken);
  else showTaken(taken, to, terminal);
  return EXIT.done;
}

function showTaken(taken: readonly TakenFolder[], to: string, terminal: Order['terminal']): void {
  const columns = [
    { title: 'Mailbox', least: 12 },
    { title: 'Messages', align: 'right' as const },
    { title: 'Size', align: 'right' as const },
  ];
  const rows = taken.map(({ mailbox, messages, bytes }) => [
    harmless(mailbox),
    formatCount(messages),
    formatSize(bytes),
  ]);
  terminal.print(`${formatTable(columns, rows, terminal)}\n`);
  const sum = (of: 'messages' | 'gone'): number => taken.reduce((all, row) => all + row[of], 0);
  if (sum('gone') > 0)
    terminal.print(`${formatCount(sum('gone'))} were deleted while it was copied, and are not in it.`);
  terminal.print(`All ${formatCount(sum('messages'))} messages are in ${to}.`);
}
