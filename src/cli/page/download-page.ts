/** Downloads as people read them: a row a mail, and a page of one with its access log. */
import type { SharedFiles, ShownShare } from '../shapes.ts';
import { formatTable, harmless } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { type Calendar, formatMoment, formatSize } from '../when.ts';

const PROOF = {
  code: 'a code by mail',
  password: 'a password in a mail of its own',
  none: 'nothing: whoever has the link',
} as const;

export function formatShares(shares: readonly SharedFiles[], calendar: Calendar, terminal: Terminal): string {
  const columns = [
    { title: 'id' },
    { title: 'made' },
    { title: 'from', least: 12 },
    { title: 'files', least: 16 },
    { title: 'to', least: 16 },
    { title: 'fetched', align: 'right' },
  ] as const;
  const rows = shares.map((share) => [
    share.id,
    momentOf(share.madeAt, calendar),
    harmless(share.owner ?? ''),
    harmless(share.files.map(({ name }) => name).join(', ')),
    harmless(share.links.map(({ recipient, state }) => `${recipient} (${state})`).join(', ')),
    String(share.links.reduce((sum, { downloads }) => sum + downloads, 0)),
  ]);
  return formatTable(columns, rows, terminal);
}

export function formatShare(share: ShownShare, calendar: Calendar, terminal: Terminal): string {
  const facts = [
    ['from', share.owner ?? 'unknown'],
    ['subject', share.subject],
    ['made', momentOf(share.madeAt, calendar)],
    ['asks for', PROOF[share.proof]],
    ['downloads', `${share.downloads} of each file for each recipient`],
    ...share.files.map(({ name, bytes }, i) => [i === 0 ? 'files' : '', `${name} (${formatSize(bytes)})`]),
  ].map(([name = '', value = '']) => `${name.padEnd(10)} ${harmless(value)}`);
  const links = formatTable(
    [{ title: 'recipient', least: 20 }, { title: 'state' }, { title: 'until' }, { title: 'fetched', align: 'right' }],
    share.links.map(({ recipient, state, expiresAt, endedAt, downloads }) => [
      harmless(recipient),
      state,
      momentOf(endedAt ?? expiresAt, calendar),
      String(downloads),
    ]),
    terminal,
  );
  const log = share.log.map(({ at, recipient, kind, file, by }) => [
    momentOf(at, calendar),
    kind,
    harmless([recipient, file].filter(Boolean).join(' ')),
    harmless(by),
  ]);
  const columns = [{ title: 'at' }, { title: 'what' }, { title: 'whose', least: 20 }, { title: 'by', least: 12 }];
  const lines = log.length === 0 ? ['Nobody has been there yet.'] : [formatTable(columns, log, terminal)];
  return [share.id, ...facts, '', links, '', ...lines].join('\n');
}

function momentOf(at: string | null, calendar: Calendar): string {
  return at === null ? '' : formatMoment(Date.parse(at), calendar);
}
