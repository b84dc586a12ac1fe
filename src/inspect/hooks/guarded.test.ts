import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { fakeServer, judge, letter, toPort } from '#/testkit/hooks/index.ts';

const RULES = [{ name: 'no viruses', when: { hooks: 'beside' }, action: { reject: 'It holds a virus.' } }];
const MAIL = letter('See you at noon.');

/** A clamd that answers pings, and does with mail as it is told. */
function pinged(onMail: (socket: Socket, count: number) => void) {
  return fakeServer((socket, count) =>
    socket.once('data', (said) => {
      if (String(said).startsWith('zPING')) socket.end('PONG\0');
      else onMail(socket, count);
    }),
  );
}

for (const [what, onMail] of [
  ['hangs', () => {}],
  ['hangs up', (socket: Socket) => socket.destroy()],
  ['answers garbage', (socket: Socket) => socket.end('what?\0')],
  ['reports an error', (socket: Socket) => socket.end("Can't allocate memory ERROR\0")],
  ['answers half a line', (socket: Socket) => socket.end('stream: O')],
  ['answers without an end', (socket: Socket) => socket.write('x'.repeat(1_000_000))],
] as const) {
  test(`M4: a check that is there and ${what} over a mail counts as if it had found something, even where its absence lets mail go`, async () => {
    await using server = await pinged(onMail);
    const absences = { 'hook:beside': 'deliver-unchanged' } as const;
    await using inspection = judge('clamd', toPort(server.port), RULES, { deadlineMs: 300, absences });
    const verdict = await inspection.verdict(MAIL);
    assert.equal(verdict.kind, 'reject');
    assert.match(verdict.reason.en, /could not be read/);
    assert.ok(inspection.log.lines.some(({ event }) => event === 'inspect.check-unread'));
  });
}

for (const [absence, kind] of [
  ['hold', 'hold'],
  ['deliver-unchanged', 'pass'],
  ['defer', 'defer'],
] as const) {
  test(`M4: while a check is down its absence decides: ${absence}`, async () => {
    await using inspection = judge('clamd', () => Promise.reject(new Error('connection refused')), RULES, {
      absences: { 'hook:beside': absence },
    });
    const verdict = await inspection.verdict(MAIL);
    assert.equal(verdict.kind, kind);
    if (kind !== 'pass') assert.match(verdict.reason.en, /the check “beside” .* is away/);
  });
}

test('M4: a rule’s own absence goes before that of the check; a check that nobody set up is away', async () => {
  const rules = [{ name: 'r', absence: 'defer', when: { hooks: 'nobody' }, action: { reject: 'no' } }];
  await using inspection = judge('clamd', () => Promise.reject(new Error('connection refused')), rules);
  assert.equal((await inspection.verdict(MAIL)).kind, 'defer');
});

test('M4: after failures in a row nobody waits for a check; after a rest one ping looks, and mail is asked about again', async () => {
  let [now, isUp, dials] = [0, false, 0];
  await using server = await pinged((socket) => socket.end('stream: OK\0'));
  const connect = toPort(server.port);
  await using inspection = judge(
    'clamd',
    (call) => {
      dials++;
      return isUp ? connect(call) : Promise.reject(new Error('connection refused'));
    },
    RULES,
    { monotonic: () => now },
  );
  const kind = async (): Promise<string> => (await inspection.verdict(MAIL)).kind;
  for (let i = 0; i < 3; i++) assert.equal(await kind(), 'hold');
  const before = dials;
  assert.equal(await kind(), 'hold');
  assert.equal(dials, before, 'it was dialled although it rests');
  now = 1_000;
  assert.equal(await kind(), 'hold');
  assert.equal(dials, before + 1, 'more than one looked');
  isUp = true;
  now = 2_000;
  assert.equal(await kind(), 'hold', 'the rest was not doubled');
  now = 3_000;
  assert.equal(await kind(), 'pass');
  assert.deepEqual(
    inspection.log.lines.map(({ event }) => event),
    ['inspect.check-down', 'inspect.check-back'],
  );
});

test('M4: second asks have a budget, so that a check in trouble is not asked twice as much', async () => {
  await using server = await pinged((socket) => socket.destroy());
  await using inspection = judge('clamd', toPort(server.port), RULES);
  for (let i = 0; i < 20; i++) await inspection.verdict(MAIL);
  // 20 asks and a ping behind each, and 5 saved up and 2 earned.
  assert.ok(server.count() <= 47, `${server.count()} connections`);
});
