import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Incident, StateChange } from '#/model/index.ts';
import { type Incidents, Refusal } from '#/ports/index.ts';
import { IncidentLine } from './incident-line.ts';

const KNOWN = [{ id: '20261130-01' }] as unknown as readonly Incident[];

function bench() {
  const told: string[] = [];
  const failures: Error[] = [];
  const incidents: Incidents = {
    list: async () => KNOWN,
    show: async () => null,
    file: async () => null,
    changed: async ({ component }) => {
      const [failure] = failures;
      if (failure !== undefined) throw failure;
      told.push(component);
    },
  };
  const line = new IncidentLine(incidents);
  const change = (component: string): StateChange => ({
    ...{ component, at: 0, since: 0, reasons: [] },
    ...{ from: 'operational', to: 'major_outage' },
  });
  const talk = async (): Promise<void> => {
    line.talk(0);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { line, told, failures, change, talk };
}

test('H9: while a change can’t be told, it waits in its order, and what people are told is shown all the same', async () => {
  const it = bench();
  for (const cause of [new Error('The store is away.'), new Refusal(4, 'Others write all the time.')]) {
    it.failures[0] = cause;
    it.line.tell(it.change('main.imap'));
    await it.talk();
    assert.deepEqual([it.told, it.line.known], [[], KNOWN]);
  }
  it.failures.length = 0;
  it.line.tell(it.change('main.pop3'));
  await it.talk();
  assert.deepEqual(it.told, ['main.imap', 'main.imap', 'main.pop3']);
});

test('H9: a change that is refused for good does not stand before the others', async () => {
  const it = bench();
  it.failures[0] = new Refusal(1, 'It has 2000 entries.');
  it.line.tell(it.change('main.imap'));
  await it.talk();
  it.failures.length = 0;
  it.line.tell(it.change('main.pop3'));
  await it.talk();
  assert.deepEqual(it.told, ['main.pop3']);
});
