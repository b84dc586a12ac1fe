/** docs/interop.md, written from the results of a run. */
import { CELLS, type CellName, type Direction, type Result } from './cells.ts';
import type { ProgramResult } from './journeys.ts';
import { KNOWN_FAULTS } from './known-faults.ts';
import type { PeerResult } from './run.ts';

const NAMES: Readonly<Record<string, string>> = {
  postfix: 'Postfix',
  exim: 'Exim',
  opensmtpd: 'OpenSMTPD',
  holdfast: 'Holdfast',
};

/** Of the section of mail programs. */
export const PROGRAMS_HEADING = '## Programs that people read with';

const INTRODUCTION = `# Interoperability

Written by \`npm run interop\` from what it saw; \`npm test\` tries the same cells and fails where one has changed. Do not edit it by hand.

One installation of Holdfast stands between the servers and programs below. Each cell is a mail, or several, whose content is compared octet by
octet at the far end; wires are listened to where that shows more. Servers lie on the loopback, as Debian packages them.

- **to our MX**: the server relays to Holdfast as to any MX. **signed in**: it is a client of the submission port, with STARTTLS and AUTH.
  **from Holdfast**: Holdfast delivers to it by a route.
- *yes*: as the duty asks. *no*: not so; the reason stands below the tables. *not offered*, *not used*: by the one who is named. –: nothing to try.
- Where a server lacks what a mail demands (SMTPUTF8, REQUIRETLS), the mail does not go there without: its sender gets a report. That is tried too.
- Microsoft 365 and Google Workspace were never met. What \`holdfast connect\` prints is written by their documents, and the tests play such a cloud ([clouds](handbook/clouds.md)).
`;

/** The whole page. */
export function pageOf(results: readonly PeerResult[], programs: readonly ProgramResult[]): string {
  const servers = results.filter(({ kind }) => kind === 'server');
  const clients = results.filter(({ kind }) => kind === 'client');
  return [INTRODUCTION, ...servers.map(sectionOf), clientSection(clients), programSection(programs), faults()].join(
    '\n',
  );
}

/** One server's section, from its heading to its last row. */
export function sectionOf(result: PeerResult): string {
  const heading = `## ${NAMES[result.name] ?? result.name}\n`;
  if ('missing' in result) return `${heading}\nNot run: ${result.missing}.\n`;
  const directions: readonly Direction[] = ['mx', 'submission', 'out'];
  const rows = cellNames().map((cell) =>
    row(
      cell,
      directions.map((direction) => result.columns.get(direction)?.get(cell)),
    ),
  );
  const head = ['| | duty | to our MX | signed in | from Holdfast |', '|---|---|---|---|---|'];
  return `${heading}\n${result.version}\n\n${[...head, ...rows].join('\n')}\n`;
}

/** All clients, a column each. */
export function clientSection(clients: readonly PeerResult[]): string {
  const versions = clients.map((client) =>
    'missing' in client ? `${client.name} (not run: ${client.missing})` : client.version,
  );
  const head = `| | duty | ${clients.map(({ name }) => name).join(' | ')} |\n|---|---${'|---'.repeat(clients.length)}|`;
  const cells = cellNames().filter((cell) => clients.some((client) => resultOf(client, cell).mark !== '–'));
  const rows = cells.map((cell) =>
    row(
      cell,
      clients.map((client) => resultOf(client, cell)),
    ),
  );
  return `## Programs that submit\n\n${versions.join(', ')}\n\n${[head, ...rows].join('\n')}\n`;
}

/** The programs that people read with: a row for each of their journeys. */
export function programSection(programs: readonly ProgramResult[]): string {
  const introduction =
    'Each row is a journey of `test/mail-clients/`, on the whole program; in its long form the same script is proven on Dovecot 2.3 first. What a program\nleft behind is looked at by another IMAP connection. Those of Thunderbird, which is large, run in the long form only: `npm test -- --long`.';
  const rows = programs.flatMap(({ program, journeys }) =>
    journeys.map(({ title, mark, why }) => {
      const [, duty = '', what = ''] = /^(\S+): (.*)$/.exec(title) ?? [];
      return `| ${program} | ${what} | ${duty} | ${why === undefined ? mark : `${mark}: ${why}`} |`;
    }),
  );
  return `${PROGRAMS_HEADING}\n\n${introduction}\n\n| program | journey | duty | result |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

/** What a run of another day may change without anything having changed. */
export function withoutVersions(section: string): string {
  return section.replace(/^(## .*\n\n).*\n/, '$1');
}

function cellNames(): readonly CellName[] {
  return Object.keys(CELLS) as CellName[];
}

function resultOf(client: PeerResult, cell: CellName): Result {
  return ('columns' in client ? client.columns.get('submission')?.get(cell) : undefined) ?? { mark: '–' };
}

function row(cell: CellName, results: readonly (Result | undefined)[]): string {
  const { title, duty } = CELLS[cell];
  return `| ${title} | ${duty} | ${results.map((result) => words(result ?? { mark: '–' })).join(' | ')} |`;
}

function words({ mark, why }: Result): string {
  if (why === undefined) return mark;
  const named = why.replace(/\b(?:postfix|exim|opensmtpd|holdfast)\b/g, (name) => NAMES[name] ?? name);
  return mark.startsWith('not ') ? `${mark} by ${named}` : `${mark}: ${named}`;
}

function faults(): string {
  const lines = KNOWN_FAULTS.map(({ whose, what, remedy }) => `- **${whose}** ${what} *Remedy:* ${remedy}`);
  return `## What is worth knowing of peers\n\n${lines.join('\n')}\n`;
}
