/** The verdicts of the race: a ratio below its bar is missed, and the table says so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ratioTable } from '../lib/ratios.ts';
import type { Contest, Showing } from './contest.ts';
import type { Drained } from './drain.ts';
import { linesOfContest, linesOfDrain } from './lines.ts';
import { formatFindings } from './report.ts';
import { ROWS, type Row, rowsNamed } from './rows.ts';

const WINDOW = [0, 1] as const;

test('design 8: a row meets its first bar by the middle of its pairs, not by its best', () => {
  const [rate, cpu] = linesOfContest(rowNamed('relay-20'), 'Postfix', contest([4, 4.9, 9], [5, 6, 7]));
  assert.deepEqual(rate?.first, { text: '≥ 5 ×', met: false });
  assert.equal(rate?.ratio, '4.9 × (4.0–9.0)');
  assert.deepEqual(cpu?.first, { text: '≤ 1/5', met: true });
  assert.deepEqual(cpu?.goal, { text: '≤ 1/10', met: false });
});

test('design 8: what is missed, and what could not run, stands in the text by name', () => {
  const ratios = linesOfContest(rowNamed('relay-20'), 'Postfix', contest([4], [6]));
  const notRun = [{ work: 'relay on a moon', why: 'there is no moon' }];
  const circumstances = { rounds: 1, messages: 1, cores: 1, minutes: 1 };
  const text = formatFindings({ ratios, costs: [], notRun, notes: [] }, circumstances);
  assert.match(text, /\*\*missed\*\*/);
  assert.match(text, /Not run: relay on a moon\. there is no moon/);
  assert.match(ratioTable(ratios), /^First bars met: 1 of 2; .* Missed: relay 4 KiB, 20 kept connections\.$/m);
});

test('design 8: the drain is judged by its rate, and by what those wait who send meanwhile', () => {
  const theirs = [drained(1000, 10, 5)];
  const patient = linesOfDrain(rowNamed('drain'), 20_000, theirs, [drained(4000, 9, 7)]);
  assert.deepEqual([patient[0]?.first?.met, patient[2]?.first?.met, patient[2]?.goal?.met], [true, true, true]);
  const slow = linesOfDrain(rowNamed('drain'), 20_000, theirs, [drained(2000, 11, 7)]);
  assert.deepEqual([slow[0]?.first?.met, slow[2]?.first?.met, slow[2]?.goal?.met], [false, false, false]);
});

test('design 8: rows are chosen by their name or its beginning, and a wrong one chooses none', () => {
  assert.deepEqual(
    rowsNamed(['slow', 'relay-1m']).map(({ name }) => name),
    ['relay-1m', 'slow-20', 'slow-100'],
  );
  assert.equal(rowsNamed([]), ROWS);
  assert.deepEqual(rowsNamed(['relay-2']), []);
});

function rowNamed(name: string): Row {
  const found = ROWS.find((row) => row.name === name);
  assert.ok(found !== undefined);
  return found;
}

function contest(rates: readonly number[], cpus: readonly number[]): Contest {
  const showing: Showing = { perSecond: 1, cpuMs: 1, memoryMiB: 1, threads: new Map(), flushes: null };
  return { ours: showing, peer: showing, rounds: [], rates, cpus };
}

function drained(perSecond: number, waitMs: number, idleMs: number): Drained {
  return { perSecond, firstMs: 1, meanwhile: [waitMs], idle: [idleMs], window: WINDOW };
}
