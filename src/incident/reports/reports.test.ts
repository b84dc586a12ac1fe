import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Incident, IncidentEntry, IncidentId, TenantId } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type { Operation } from '#/ports/index.ts';
import { openMemoryIncidents } from '#/store/memory/index.ts';
import { FakeClock, FakeLog } from '#/testkit/index.ts';
import {
  foldIncident,
  formatReport,
  IncidentDesk,
  incidentFileOperations,
  incidentOperations,
  type ReportSketch,
  reportOperations,
} from '../index.ts';

const NOON = Date.UTC(2026, 10, 30, 3);
const MINUTE = 60_000;

function incident(more: readonly Partial<IncidentEntry>[] = []): Incident {
  const opened: IncidentEntry = {
    ...{ kind: 'opened', at: NOON + 7 * MINUTE, by: 'root@example.test' },
    title: { en: 'Mail is late', ja: 'メール配送の遅延' },
    text: { en: 'We look into it.', ja: '調査しております。' },
    components: { delivery: 'partial_outage' },
    startedAt: NOON,
  };
  const rest = more.map(
    (entry, i): IncidentEntry => ({ kind: 'updated', at: NOON + (10 + i) * MINUTE, by: 'x', ...entry }),
  );
  return foldIncident({ id: '20261130-01' as IncidentId, kind: 'incident', entries: [opened, ...rest] });
}

function sketch(more: Partial<ReportSketch> = {}): ReportSketch {
  return {
    ...{ incident: incident(), version: 'first', number: 1, language: 'ja', changes: [], issuer: 'mx.example.test' },
    ...{ tenant: { name: '株式会社アクメ' }, timezone: 'Asia/Tokyo', now: NOON + 60 * MINUTE },
    figures: { messages: 1234, recipients: 2345, unserved: 12 },
    ...more,
  };
}

test('H11: a report has its number and version, the five headings, the times in the tenant’s zone and its own figures', () => {
  const text = formatReport(sketch());
  const headings = text.split('\n').filter((line) => /^##? /.test(line));
  assert.deepEqual(headings, [
    '# 障害報告書（速報）',
    '## 障害内容',
    '## 影響範囲',
    '## 原因',
    '## 経緯',
    '## 恒久対策',
  ]);
  for (const said of [
    '20261130-01-1',
    '株式会社アクメ',
    '**発生日時**: 2026-11-30 12:00 (Asia/Tokyo)',
    '**検知日時**: 2026-11-30 12:07 (Asia/Tokyo)',
    '| メール通数 | 1,234 |',
    '| 未配送の宛先数 | 12 |',
    '調査中です。',
  ])
    assert.ok(text.includes(said), `${said}\n${text}`);
  const english = formatReport(sketch({ language: 'en', version: 'final', number: null, figures: null, tenant: null }));
  for (const said of ['# Incident report (final)', '| 20261130-01 |', 'not counted yet', '## Permanent measures'])
    assert.ok(english.includes(said), `${said}\n${english}`);
});

test('H11: the time line is in order of what happened, and says what was written later', () => {
  const late = { text: { en: 'Restarted.', ja: '' }, about: NOON + 3 * MINUTE, at: NOON + 50 * MINUTE };
  const text = formatReport(
    sketch({ language: 'en', timezone: 'UTC', incident: incident([{ text: { en: 'Found.', ja: '' } }, late]) }),
  );
  const rows = text
    .split('\n')
    .filter((line) => line.startsWith('| 2026-11-30 03'))
    .map((line) => line.slice(13, 18));
  assert.deepEqual(rows, ['03:00', '03:03', '03:07', '03:07', '03:10']);
  assert.match(text, /Restarted\. \(written 2026-11-30 03:50 \(UTC\)\)/);
});

test('H11: what people wrote stays text in Markdown, and can’t break a table or bring in HTML', () => {
  const nasty = '<script>x</script> | a\n# not a heading\n1. no list [link](javascript:x) *b* `c`';
  const told = { en: nasty, ja: '' };
  const text = formatReport(sketch({ language: 'en', incident: incident([{ text: told, cause: told }]) }));
  assert.doesNotMatch(text, /(?<!\\)<script/);
  assert.doesNotMatch(text, /^# not/m);
  assert.doesNotMatch(text, /(?<!\\)\[link/);
  for (const row of text.split('\n').filter((line) => line.startsWith('| 2026-')))
    assert.equal(row.match(/(?<!\\)\|/g)?.length, 3, row);
});

async function bench() {
  const clock = new FakeClock(NOON);
  const book = openMemoryIncidents();
  const desk = new IncidentDesk({ book, clock, log: new FakeLog() }, { publishDrafts: false });
  const asked: unknown[] = [];
  const tenants = {
    acme: { id: 'acme', name: 'Acme KK', language: 'ja' },
    bolt: { id: 'bolt', name: 'Bolt', language: 'en' },
  };
  const parts = {
    ...{ desk, book, clock, issuer: 'mx.example.test', timezoneOf: () => 'Asia/Tokyo' },
    directory: { current: () => ({ tenant: (id: TenantId) => tenants[id as 'acme'] }) } as never,
    figures: async (window: object, tenant: TenantId | null) => {
      asked.push({ ...window, tenant });
      return { messages: 3, recipients: 3, unserved: 0 };
    },
    changes: async () => [{ at: NOON, what: 'rule changed' }],
  };
  const all = [...incidentOperations(parts), ...incidentFileOperations(parts), ...reportOperations(parts)];
  const operations = new Map(all.map((one): [string, Operation] => [one.name, one]));
  const run = async <Answer>(name: string, input: object): Promise<Answer> => {
    const found = operations.get(name);
    assert.ok(found, name);
    const context = { by: 'root@example.test', call: within(30_000) };
    return found.output.parse(await found.handle(found.input.parse(input), context)) as Answer;
  };
  const { id } = await run<{ id: string }>('incident.open', { title: 'x', text: 'y', startedAt: '30m' });
  return { run, id, asked, clock };
}

test('H11: reports are numbered and stay as they were; a tenant reads its own and everybody’s, and no other’s', async () => {
  const { run, id, asked } = await bench();
  type Issued = { number: string; markdown: string };
  const first = await run<Issued>('report.issue', { id, version: 'first', tenant: 'acme' });
  const second = await run<Issued>('report.issue', { id, version: 'interim' });
  assert.deepEqual([first.number, second.number], [`${id}-1`, `${id}-2`]);
  assert.match(first.markdown, /速報[\s\S]*Acme KK/);
  assert.deepEqual(asked[0], { from: NOON - 30 * MINUTE, to: NOON, tenant: 'acme' });
  await run('incident.update', { id, text: 'more' });
  type Mine = { reports: { number: string; own: boolean; markdown: string | null; pdf: string | null }[] };
  const mine = await run<Mine>('report.mine', { tenant: 'acme', number: first.number });
  assert.deepEqual([mine.reports[0]?.markdown, mine.reports[0]?.pdf], [first.markdown, null]);
  const twice = await Promise.all(
    [1, 2].map(() => run<Mine>('report.mine', { tenant: 'acme', number: first.number, pdf: true })),
  );
  const [pdf, again] = twice.map(({ reports }) => Buffer.from(reports[0]?.pdf ?? '', 'base64').toString('latin1'));
  assert.match(pdf ?? '', /^%PDF-/);
  assert.equal(pdf, again, 'the same octets for ever');
  const numbers = async (tenant: string) =>
    (await run<Mine>('report.mine', { tenant })).reports.map(({ number }) => number);
  assert.deepEqual(await numbers('acme'), [`${id}-1`, `${id}-2`]);
  assert.deepEqual(await numbers('bolt'), [`${id}-2`]);
  await assert.rejects(run('report.mine', { tenant: 'bolt', number: first.number }), /no report/);
  await assert.rejects(run('report.issue', { id, version: 'final' }), /has no cause yet/);
  const alone = await run<{ id: string }>('incident.open', { title: 'x', text: 'y', tenants: ['acme'] });
  await run('report.issue', { id: alone.id, version: 'first' });
  assert.deepEqual(await numbers('acme'), [`${alone.id}-1`, `${id}-1`, `${id}-2`]);
  assert.deepEqual(await numbers('bolt'), [`${id}-2`], 'what is told to acme alone');
});

test('C4: a provider’s report comes in parts, is named when it is whole, and a name is no path', async () => {
  const { run, id } = await bench();
  const content = Buffer.from('%PDF-1.7 the provider says …');
  const file = crypto.randomUUID();
  const part = (n: number, from: number, to: number, more: object = {}) =>
    run<{ files: { name: string; from: string }[] } | null>('incident.attach', {
      ...{ id, file, part: n, content: content.subarray(from, to).toString('base64') },
      ...more,
    });
  const last = {
    name: '../../etc/EX255429\u202e.pdf',
    type: 'application/pdf',
    bytes: content.length,
    from: 'Microsoft',
  };
  await assert.rejects(part(1, 9, content.length, { last }), /Send the file again/);
  await part(0, 0, 9);
  const done = await part(1, 9, content.length, { last });
  assert.deepEqual(done?.files, [
    { id: file, type: last.type, bytes: content.length, name: '__.._etc_EX255429 .pdf', from: 'Microsoft' },
  ]);
  const { content: read } = await run<{ content: string }>('incident.file', { id, file });
  assert.equal(Buffer.from(read, 'base64').toString(), content.toString());
  await assert.rejects(part(2, 0, 1, { last: { ...last, type: 'text/html' } }));
  await assert.rejects(run('incident.file', { id, file: crypto.randomUUID() }), /no such file/);
});
