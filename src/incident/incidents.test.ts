import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { z } from 'zod';
import type { ComponentChange, ComponentState, Incident, IncidentEntry, IncidentId } from '#/model/index.ts';
import { isOverdue, within } from '#/model/index.ts';
import type { IncidentBook, Operation } from '#/ports/index.ts';
import { openMemoryIncidents } from '#/store/memory/index.ts';
import { FakeClock, FakeLog } from '#/testkit/index.ts';
import {
  foldIncident,
  IncidentDesk,
  IncidentUpkeep,
  incidentOperations,
  maintenanceOperations,
  meaningOf,
} from './index.ts';
import type { incidentShape, recordShape } from './shapes.ts';

/** What answers have, each its part of it. */
type Answer = z.output<typeof recordShape> & { readonly incidents: readonly z.output<typeof incidentShape>[] };

const MINUTE = 60_000;
const soon = () => within(30_000);

class Bench implements AsyncDisposable {
  readonly clock = new FakeClock(Date.UTC(2026, 10, 30, 12));
  readonly log = new FakeLog();
  readonly book: IncidentBook = openMemoryIncidents();
  readonly desk: IncidentDesk;
  readonly processes = null;
  readonly teller = null;
  readonly #operations: ReadonlyMap<string, Operation>;

  constructor({ publishDrafts = false } = {}) {
    this.desk = new IncidentDesk(this, { publishDrafts });
    const all = [...incidentOperations(this), ...maintenanceOperations(this)];
    this.#operations = new Map(all.map((one) => [one.name, one]));
  }

  async do(name: string, input: object, by = 'root@example.test'): Promise<Answer> {
    const found = this.#operations.get(name);
    assert.ok(found, name);
    const answer = await found.handle(found.input.parse(input), { by, call: soon() });
    return found.output.parse(answer) as Answer;
  }

  change(to: ComponentState, more: Partial<ComponentChange> = {}): ComponentChange {
    return {
      ...{ component: 'delivery', from: 'operational', to, since: this.clock.now() - MINUTE, layer: 'delivery' },
      measured: { p95Ms: 31_000 },
      reason: { en: 'Mail takes 31 s.', ja: 'メールの処理に31秒かかっています。' },
      ...more,
    };
  }

  all(): Promise<readonly Incident[]> {
    return this.desk.all({}, 100, soon());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.book[Symbol.asyncDispose]();
  }
}

const OPEN = { title: 'Mail is late', text: 'We look into it.', components: { delivery: 'partial_outage' } };

test('C3: an incident goes from its opening to its postmortem, and each turn has its time', async () => {
  await using bench = new Bench();
  const { id, nextUpdateAt, impact, phase } = await bench.do('incident.open', OPEN);
  assert.deepEqual([id, phase, impact], ['20261130-01', 'investigating', 'major']);
  assert.equal(nextUpdateAt, '2026-11-30T12:30:00.000Z', '30 minutes where nobody says otherwise');
  bench.clock.jump(10 * MINUTE);
  await bench.do('incident.update', { id, phase: 'identified', text: 'It is the disk.', attribution: 'ours' });
  bench.clock.jump(10 * MINUTE);
  await bench.do('incident.update', { id, template: 'remedy-in-place', nextUpdate: '2h' });
  bench.clock.jump(10 * MINUTE);
  const over = await bench.do('incident.resolve', { id, tail: 'Late mail until 14:00.', endedAt: '5m' });
  assert.deepEqual([over.phase, over.resolvedAt], ['resolved', '2026-11-30T12:30:00.000Z']);
  assert.deepEqual([over.endedAt, over.monitoringAt], ['2026-11-30T12:25:00.000Z', '2026-11-30T12:20:00.000Z']);
  assert.deepEqual(over.components, [{ id: 'delivery', state: 'operational' }]);
  assert.deepEqual([over.impact, over.nextUpdateAt, over.tail?.en], ['major', null, 'Late mail until 14:00.']);
  await assert.rejects(bench.do('incident.resolve', { id }), /over already/);
  const told = await bench.do('incident.postmortem', { id, text: 'A disk was full.', cause: 'No alarm.' });
  assert.deepEqual([told.phase, told.resolvedAt, told.cause?.en], ['postmortem', over.resolvedAt, 'No alarm.']);
  assert.equal(told.updates.length, 5);
});

test('C3: of two operators who read the same, the second to write is told who was quicker, and nothing is overwritten', async () => {
  await using bench = new Bench();
  const { id, entries: seen } = await bench.do('incident.open', OPEN);
  await bench.do('incident.update', { id, seen, text: 'From Ann.' }, 'ann@example.test');
  await assert.rejects(
    bench.do('incident.update', { id, seen, text: 'From Bob.' }),
    /ann@example\.test wrote meanwhile/,
  );
  const { updates, log } = await bench.do('incident.show', { id });
  assert.deepEqual([updates.length, log.length], [2, 2]);
});

test('C3: a promise that is not kept shows, and is told of once; an update ends it', async () => {
  await using bench = new Bench();
  const upkeep = new IncidentUpkeep(bench);
  const { id } = await bench.do('incident.open', { ...OPEN, nextUpdate: '10m' });
  bench.clock.jump(10 * MINUTE + 1);
  await upkeep.step();
  await upkeep.step();
  assert.equal(bench.log.lines.filter(({ event }) => event === 'incident.update-overdue').length, 1);
  assert.equal((await bench.do('incident.list', { open: true })).incidents[0]?.overdue, true);
  const promised = await bench.do('incident.promise', { id, nextUpdate: '20m' });
  assert.deepEqual([promised.overdue, promised.nextUpdateAt], [false, '2026-11-30T12:30:00.001Z']);
  const updated = await bench.do('incident.update', { id, text: 'Still at it.', nextUpdate: null });
  assert.equal(updated.nextUpdateAt, null);
});

test('C2: when it began, when it was noticed and when that was written down are three times', async () => {
  await using bench = new Bench();
  const { id } = await bench.do('incident.open', { ...OPEN, startedAt: '2026-11-30T11:07:00Z', detectedAt: '20m' });
  bench.clock.jump(MINUTE);
  const late = await bench.do('incident.update', { id, text: 'Restarted.', about: '2026-11-30T11:30:00Z' });
  assert.deepEqual([late.startedAt, late.detectedAt], ['2026-11-30T11:07:00.000Z', '2026-11-30T11:40:00.000Z']);
  const [, told] = late.updates;
  assert.deepEqual([told?.at, told?.writtenAt], ['2026-11-30T11:30:00.000Z', '2026-11-30T12:01:00.000Z']);
  await assert.rejects(bench.do('incident.update', { id, startedAt: '2026-12-24T00:00:00Z' }), /still to come/);
});

test('H9: what a rule drafts is seen by operators alone until it is published, with what was measured', async () => {
  await using bench = new Bench();
  await bench.desk.changed(bench.change('major_outage'), soon());
  assert.deepEqual(await bench.desk.list({}, 10, soon()), []);
  const [draft] = await bench.all();
  assert.ok(draft?.isDraft);
  assert.equal(await bench.desk.show(draft.id, soon()), null);
  const { symptoms, detectedAt, startedAt } = await bench.do('incident.show', { id: draft.id });
  assert.deepEqual(symptoms[0]?.measured, { p95Ms: 31_000 });
  assert.deepEqual([startedAt, detectedAt], ['2026-11-30T11:59:00.000Z', '2026-11-30T12:00:00.000Z']);
  bench.clock.jump(4 * MINUTE);
  await bench.do('incident.publish', { id: draft.id, text: 'Mail is late.' });
  const [seen] = await bench.desk.list({}, 10, soon());
  assert.deepEqual([seen?.publishedAt, seen?.updates[0]?.at], [bench.clock.now(), bench.clock.now()]);
  await assert.rejects(bench.do('incident.drop', { id: draft.id, reason: 'none' }), /People have seen/);
});

test('H9: a draft that is none is dropped unseen; with the setting drafts are published by themselves', async () => {
  await using bench = new Bench();
  await bench.desk.changed(bench.change('major_outage'), soon());
  await bench.do('incident.drop', { id: '20261130-01', reason: 'a test' });
  await assert.rejects(bench.do('incident.publish', { id: '20261130-01' }), /was dropped/);
  assert.deepEqual(await bench.desk.all({ open: true }, 10, soon()), []);
  await using quick = new Bench({ publishDrafts: true });
  await quick.desk.changed(quick.change('major_outage'), soon());
  const [seen] = await quick.desk.list({ open: true }, 10, soon());
  assert.equal(seen?.nextUpdateAt, quick.clock.now() + 30 * MINUTE);
});

test('H9: symptoms of one layer that begin within ten minutes are one incident, and look like a shared layer', async () => {
  await using bench = new Bench();
  const at = (component: string, minutes: number, layer = 'store') =>
    bench.change('partial_outage', { component, layer, since: bench.clock.now() + minutes * MINUTE });
  bench.clock.jump(30 * MINUTE);
  for (const change of [at('mailboxes.imap', -20), at('delivery', -11), at('delivery', -11)])
    await bench.desk.changed(change, soon());
  const [one, more] = await bench.all();
  assert.equal(more, undefined, 'told twice is told once');
  assert.deepEqual([one?.attribution, one?.affected], ['shared_layer', ['mailboxes.imap', 'delivery']]);
  await bench.desk.changed(at('webmail', -5, 'web'), soon());
  await bench.desk.changed(at('desk', 0), soon());
  assert.equal((await bench.all()).length, 3, 'another layer, and another hour, are other causes');
});

test('C2: trouble at an upstream is proposed as theirs; a person’s word goes before the rule’s', async () => {
  await using bench = new Bench();
  const upstream = { component: 'upstreams', layer: 'upstream:mx.partner.test' };
  await bench.desk.changed(bench.change('partial_outage', upstream), soon());
  assert.equal((await bench.all())[0]?.attribution, 'upstream');
  await bench.do('incident.publish', { id: '20261130-01', attribution: 'ours' });
  await bench.desk.changed(bench.change('major_outage', { ...upstream, since: bench.clock.now() }), soon());
  const [one] = await bench.all();
  assert.deepEqual([one?.attribution, one?.impact], ['ours', 'critical']);
});

test('H9: what recovers is watched, comes back, and recovers; the end is when the last component was well', async () => {
  await using bench = new Bench({ publishDrafts: true });
  await bench.desk.changed(bench.change('major_outage'), soon());
  bench.clock.jump(5 * MINUTE);
  const well = bench.change('operational', { from: 'major_outage' });
  await bench.desk.changed(well, soon());
  const [watched] = await bench.all();
  assert.deepEqual([watched?.phase, watched?.endedAt], ['monitoring', well.since]);
  bench.clock.jump(5 * MINUTE);
  await bench.desk.changed(bench.change('degraded_performance'), soon());
  const [back] = await bench.all();
  assert.deepEqual([back?.phase, back?.endedAt, back?.impact], ['investigating', null, 'critical']);
});

test('C3: what components show while they are maintained is no incident', async () => {
  await using bench = new Bench();
  const upkeep = new IncidentUpkeep(bench);
  const times = { from: '10m', until: '20m' };
  const planned = { title: 'New disk', text: 'Ten minutes.', components: ['delivery'], ...times };
  const { id, phase } = await bench.do('maintenance.schedule', planned);
  assert.equal(phase, 'scheduled');
  await upkeep.step();
  assert.equal((await bench.all())[0]?.phase, 'scheduled');
  bench.clock.jump(10 * MINUTE);
  await Promise.all([upkeep.step(), new IncidentUpkeep(bench).step()]);
  const [running] = await bench.all();
  assert.deepEqual([running?.phase, running?.entries], ['in_progress', 2], 'begun once, by whichever was quicker');
  assert.deepEqual(running?.components, [{ id: 'delivery', state: 'under_maintenance' }]);
  await bench.desk.changed(bench.change('major_outage'), soon());
  assert.equal((await bench.all()).length, 1);
  await bench.do('maintenance.update', { id, until: '30m', text: 'It takes longer.' });
  bench.clock.jump(20 * MINUTE);
  await upkeep.step();
  assert.equal((await bench.all())[0]?.phase, 'in_progress');
  bench.clock.jump(10 * MINUTE);
  await upkeep.step();
  assert.equal((await bench.all())[0]?.phase, 'completed');
  await bench.desk.changed(bench.change('major_outage'), soon());
  assert.equal((await bench.all()).length, 2);
});

test('C3: planned work that is led by hand does nothing by itself, and one that is cancelled is over', async () => {
  await using bench = new Bench();
  const planned = { title: 'New disk', text: 'Ten minutes.', components: ['delivery'], from: '10m', until: '20m' };
  await bench.do('maintenance.schedule', { ...planned, byHand: true });
  bench.clock.jump(60 * MINUTE);
  await new IncidentUpkeep(bench).step();
  assert.equal((await bench.all())[0]?.phase, 'scheduled');
  assert.equal((await bench.do('maintenance.start', { id: '20261130-01' })).phase, 'in_progress');
  await assert.rejects(bench.do('maintenance.cancel', { id: '20261130-01' }), /is in progress/);
  await bench.do('maintenance.schedule', planned);
  assert.equal((await bench.do('maintenance.cancel', { id: '20261130-02' })).phase, 'completed');
  await assert.rejects(bench.do('maintenance.schedule', { ...planned, until: '5m' }), /before it begins/);
  await assert.rejects(bench.do('incident.update', { id: '20261130-01', text: 'x' }), /is a maintenance/);
});

test('C3: texts keep their lines, and lose what could turn or hide the letters around them', async () => {
  await using bench = new Bench();
  const text = 'One \r\ntwo\u202e<script>\u0000\u009b31m';
  const { updates, title } = await bench.do('incident.open', { title: 'メール遅延', text });
  assert.deepEqual(title, { en: '', ja: 'メール遅延' }, 'in the language that it is written in');
  assert.equal(updates[0]?.text.en, 'One\ntwo <script>  31m');
  await assert.rejects(bench.do('incident.open', { title: ' \u202e ', text }), /Say in a few words/);
  await assert.rejects(bench.do('incident.open', { title: 'x', text, components: { '<b>': 'operational' } }));
});

const entries = fc.array(
  fc.record({
    phase: fc.constantFrom('investigating', 'identified', 'monitoring', 'resolved', 'postmortem', undefined),
    text: fc.boolean(),
    state: fc.constantFrom('operational', 'degraded_performance', 'partial_outage', 'major_outage', undefined),
    promise: fc.constantFrom(null, 100, undefined),
  }),
  { maxLength: 12 },
);

test('C3: whatever is appended, what was told stays as it was told, and times never contradict the phase', () => {
  fc.assert(
    fc.property(entries, (drawn) => {
      const all = drawn.map(
        ({ phase, text, state, promise }, i): IncidentEntry => ({
          ...{ kind: i === 0 ? 'opened' : 'updated', at: i * 10, by: 'x' },
          ...(phase === undefined ? {} : { phase }),
          ...(text ? { text: { en: `said ${i}`, ja: '' } } : {}),
          ...(state === undefined ? {} : { components: { delivery: state } }),
          ...(promise === undefined ? {} : { nextUpdateAt: promise }),
        }),
      );
      for (let n = 1; n < all.length; n++) {
        const fold = (count: number) =>
          foldIncident({ id: 'x' as IncidentId, kind: 'incident', entries: all.slice(0, count) });
        const [before, after] = [fold(n), fold(n + 1)];
        assert.deepEqual(after.updates.slice(0, before.updates.length), before.updates);
        const isOver = after.phase === 'resolved' || after.phase === 'postmortem';
        assert.equal(after.nextUpdateAt !== null && isOver, false);
        assert.equal(isOver && isOverdue(after, 1_000), false);
        if (after.phase === 'monitoring') assert.notEqual(after.monitoringAt, null);
        if (!isOver) assert.equal(after.resolvedAt, null);
      }
    }),
  );
});

test('H9: a change that was told already means nothing, in whatever order changes come', async () => {
  const state = fc.constantFrom<ComponentState>(
    'operational',
    'degraded_performance',
    'partial_outage',
    'major_outage',
  );
  const change = fc.record({ component: fc.constantFrom('a', 'b'), layer: fc.constantFrom('x', 'y'), to: state });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 8 }), async (changes) => {
      await using bench = new Bench();
      for (const [i, drawn] of changes.entries()) {
        const one = bench.change(drawn.to, { ...drawn, since: i * MINUTE });
        await bench.desk.changed(one, soon());
        const open = await bench.desk.all({ open: true }, 100, soon());
        const isKnown = open.some(({ symptoms }) => symptoms.some(({ since }) => since === one.since));
        if (isKnown) assert.equal(meaningOf(one, open).kind, 'nothing');
        const named = open.flatMap(({ components }) => components.map(({ id }) => id));
        assert.equal(new Set(named).size, named.length, 'no component stands in two open incidents');
      }
    }),
    { numRuns: 30 },
  );
});
