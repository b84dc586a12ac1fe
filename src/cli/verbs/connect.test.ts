import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../fake-world.ts';

const both = (en: string, ja = en) => ({ en, ja });
const script =
  'New-OutboundConnector -Name "Holdfast m365 out" `\n  -UseMXRecord $false and so on, far longer than a line of the terminal is, for it is to be pasted';
const steps = [{ title: both('The connector', 'コネクタ'), text: both('Do this.', 'これを行う。'), script }];
const relay = {
  name: 'm365',
  lastSeen: '2026-11-21T05:30:00+00:00',
  lastError: 'refused: no secret',
  lastErrorAt: '2026-11-21T05:29:00+00:00',
};

test('design 6: connect prints each step, and its script to the letter, in the language that was asked for', async () => {
  const operations = { 'connect.show': () => ({ steps }) };
  const { exit, stdout, calls } = await run(['connect', 'microsoft365', 'acme'], { operations });
  assert.equal(exit, 0);
  assert.equal(stdout, `1. The connector\nDo this.\n\n${script}\n`);
  assert.deepEqual(calls[0]?.input, { kind: 'microsoft365', tenant: 'acme' });
  const japanese = await run(['connect', 'microsoft365', 'acme', '--lang', 'ja'], { operations });
  assert.match(japanese.stdout, /^1\. コネクタ\nこれを行う。/);
  assert.equal((await run(['connect', 'yahoo', 'acme'], { operations })).exit, 2);
  assert.equal((await run(['connect', 'google'], { operations })).exit, 2);
});

test('design 6: connect --check says what to mend and when the connector was seen, and its exit tells scripts', async () => {
  const found = [{ state: 'good', text: both('It is declared.') }];
  const operations = (more: readonly object[]) => ({
    'connect.check': () => ({ connector: 'm365', found: [...found, ...more] }),
    'relay.list': () => [{ ...relay, name: 'other', lastSeen: null }, relay],
  });
  const well = await run(['connect', 'microsoft365', 'acme', '--check'], { operations: operations([]) });
  assert.equal(well.exit, 0);
  assert.match(
    well.stdout,
    /^good +It is declared\.\n\nMail of the connector was last taken: 14:30\.\nLast trouble, 14:29: refused: no secret\n$/,
  );
  const bad = [{ state: 'bad', text: both('Mend it.') }];
  assert.equal((await run(['connect', 'microsoft365', 'acme', '--check'], { operations: operations(bad) })).exit, 1);
  const { stdout } = await run(['connect', 'microsoft365', 'acme', '--check', '--json'], {
    operations: operations(bad),
  });
  assert.equal(JSON.parse(stdout).lastError, 'refused: no secret');
});
