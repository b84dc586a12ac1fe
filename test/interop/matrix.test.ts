/**
 * Holdfast between servers and programs that others wrote: every cell of docs/interop.md, in one run. A `no` needs a reason among the
 * known faults, and what the page says must be what was seen. `npm run interop` writes the page.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { before, type TestContext, test } from 'node:test';
import { CELLS, type CellName, type Direction, type Result } from './matrix/cells.ts';
import { PROGRAMS, runJourneys } from './matrix/journeys.ts';
import { isKnown, KNOWN_FAULTS } from './matrix/known-faults.ts';
import { clientSection, PROGRAMS_HEADING, pageOf, sectionOf, withoutVersions } from './matrix/page.ts';
import type { ServerName } from './matrix/peer.ts';
import { type PeerResult, runMatrix } from './matrix/run.ts';

const PAGE = new URL('../../docs/interop.md', import.meta.url);
const RUN_MS = 600_000;
/** With the journeys of mail programs, one after the other. */
const WRITE_MS = 40 * 60_000;
const WRITES = process.env.HOLDFAST_INTEROP_WRITE === '1';
/** Three servers both ways take minutes: each time the one that most people meet, all in the long form. */
const SERVERS: ReadonlySet<ServerName> = new Set(
  WRITES || process.env.HOLDFAST_LONG === '1' ? ['postfix', 'exim', 'opensmtpd'] : ['postfix'],
);
const results = new Map<string, PeerResult>();

before(
  async () => {
    for (const result of await runMatrix(SERVERS)) results.set(result.name, result);
    if (WRITES) writeFileSync(PAGE, pageOf([...results.values()], await runJourneys()));
  },
  { timeout: WRITES ? WRITE_MS : RUN_MS },
);

for (const name of ['postfix', 'exim', 'opensmtpd', 'nodemailer', 'swaks', 'curl', 'smtplib']) {
  test(`H3: mail goes whole between Holdfast and ${name}, or its sender hears why, cell by cell`, {
    timeout: RUN_MS,
  }, async (t) => {
    const result = results.get(name);
    assert.ok(result);
    if ('missing' in result) {
      t.skip(result.missing);
      return;
    }
    for (const [direction, column] of result.columns)
      for (const [cell, outcome] of column) await tell(t, name, direction, cell, outcome);
  });
}

async function tell(
  t: TestContext,
  name: string,
  direction: Direction,
  cell: CellName,
  { mark, why }: Result,
): Promise<void> {
  if (mark === '–') return;
  const { duty, title } = CELLS[cell];
  await t.test(`${duty}: ${name}, ${direction}: ${title}`, () => {
    assert.ok(mark !== 'no' || isKnown(name, direction, cell), why ?? 'no reason given');
  });
}

test('house: docs/interop.md says what was seen of the peers that are here', { timeout: RUN_MS }, () => {
  const page = readFileSync(PAGE, 'utf8');
  const servers = [...results.values()].filter(({ kind }) => kind === 'server');
  for (const server of servers) if (!('missing' in server)) says(page, sectionOf(server));
  const clients = [...results.values()].filter(({ kind }) => kind === 'client');
  if (!clients.some((client) => 'missing' in client)) says(page, clientSection(clients));
});

// Their journeys are tests of their own: what fails there needs no second one here.
test('house: docs/interop.md has a good row for each program that people read with', () => {
  const page = readFileSync(PAGE, 'utf8');
  const section = page.slice(page.indexOf(PROGRAMS_HEADING));
  for (const { name } of PROGRAMS)
    assert.match(section, new RegExp(`^\\| ${name} [\\d.]+ \\| .*\\| yes \\|$`, 'm'), 'run `npm run interop`');
});

test('house: what the known faults are said to spoil is spoilt', { timeout: RUN_MS }, () => {
  for (const key of KNOWN_FAULTS.flatMap(({ spoils }) => spoils)) {
    const [name, direction, cell] = key.split(' ') as [string, Direction, CellName];
    const result = results.get(name);
    if (result !== undefined && 'columns' in result)
      assert.equal(
        result.columns.get(direction)?.get(cell)?.mark,
        'no',
        `${key} is well now: take it out of known-faults.ts`,
      );
  }
});

function says(page: string, section: string): void {
  const [heading = ''] = section.split('\n');
  const from = page.indexOf(`${heading}\n`);
  const until = page.indexOf('\n## ', from + 1);
  const written = `${page.slice(from, until)}`.trimEnd();
  assert.equal(
    withoutVersions(written),
    withoutVersions(section).trimEnd(),
    'run `npm run interop` and look at what it changes',
  );
}
