import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type FlagTable, usage } from '../flags.ts';
import { givenOf, oneId, printAll, printOne, seenOf, TEXT_FLAGS, textsOf } from '../incident-acts.ts';
import type { IncidentLine, IncidentPage } from '../page/incident-page.ts';
import type { Order, Verb } from '../verb.ts';

const LIMIT = 50;
const LIMIT_MAX = 200;
const ACTS = ['update', 'publish', 'resolve', 'postmortem', 'promise', 'drop'] as const;
type Act = (typeof ACTS)[number];
const OTHERS = ['list', 'show', 'open', 'attach', 'save', 'report', 'templates'];

const FLAGS: FlagTable = {
  ...TEXT_FLAGS,
  phase: { kind: 'text', value: 'PHASE', help: 'investigating, identified or monitoring' },
  component: { kind: 'texts', value: 'NAME=STATE', help: 'all that are affected, such as delivery=partial_outage' },
  impact: { kind: 'text', value: 'IMPACT', help: 'none, minor, major or critical; else by the components' },
  attribution: { kind: 'text', value: 'WHOSE', help: 'ours, upstream or shared_layer' },
  next: { kind: 'text', value: 'T', help: 'by when more is told, such as 30m (30m where nothing is said); none' },
  tail: { kind: 'text', value: 'TEXT', help: 'resolve: what is still felt, such as late mail' },
  'tail-ja': { kind: 'text', value: 'TEXT', help: 'the same in Japanese' },
  cause: { kind: 'text', value: 'TEXT', help: 'postmortem: why' },
  'cause-ja': { kind: 'text', value: 'TEXT', help: 'the same in Japanese' },
  measures: { kind: 'text', value: 'TEXT', help: 'postmortem: what is done so that it does not happen again' },
  'measures-ja': { kind: 'text', value: 'TEXT', help: 'the same in Japanese' },
  started: { kind: 'text', value: 'T', help: 'when users began to feel it: a time, or how long ago, such as 25m' },
  ended: { kind: 'text', value: 'T', help: 'when they ceased to' },
  detected: { kind: 'text', value: 'T', help: 'when it was noticed' },
  about: { kind: 'text', value: 'T', help: 'the time that this entry is about, where you write it later' },
  tell: { kind: 'texts', value: 'TENANT', help: 'mail the contacts of these tenants alone; all where nobody is named' },
  template: { kind: 'text', value: 'NAME', help: 'a text for the usual turns; "incident templates" lists them' },
  reason: { kind: 'text', value: 'TEXT', help: 'drop: why it is no incident' },
  by: { kind: 'text', value: 'NAME', help: 'attach: who wrote the file, such as a provider' },
  version: { kind: 'text', value: 'VERSION', help: 'report: first, interim or final' },
  tenant: { kind: 'text', value: 'ID', help: 'report: for this tenant, with its own figures and in its language' },
  changes: { kind: 'yes', help: 'report: with what was changed around that time' },
  pdf: { kind: 'text', value: 'PATH', help: 'report: writes it there as a PDF document, too' },
  issue: { kind: 'yes', help: 'report: give it out, with a number' },
  open: { kind: 'yes', help: 'list: those that are not over' },
  limit: { kind: 'text', value: 'N', help: `list: at most so many (${LIMIT})` },
};

export const incident: Verb = {
  usage: [
    'incident list [--open] [--limit N]',
    'incident show ID',
    'incident open --title TEXT --text TEXT|--template NAME [--component NAME=STATE …] …',
    'incident update ID [--text TEXT] [--phase PHASE] [--component NAME=STATE …] …',
    'incident publish|drop ID',
    'incident resolve ID [--text TEXT] [--tail TEXT] [--ended T]',
    'incident postmortem ID --text TEXT [--cause TEXT] [--measures TEXT]',
    'incident promise ID --next T',
    'incident attach ID FILE [--by NAME]',
    'incident save ID FILE-ID PATH',
    'incident report ID --version V [--tenant ID] [--lang en|ja] [--changes] [--issue]',
    'incident report ID --version V … [--pdf PATH]',
    'incident templates',
  ],
  about:
    'What people are told of trouble. A draft is seen by operators alone until publish; drop takes a false one away. Each text goes to the contacts of tenants, and to whoever asked at /status/subscribe. Each act adds a dated entry, none changes one. An update promises the next one within 30 minutes unless --next says otherwise; one that does not come is shown as overdue. A text is in English or in Japanese; with --text and --text-ja it is in both.',
  flags: FLAGS,
  examples: [
    'holdfast incident publish 20261130-01 --text "Slow." --text-ja "遅延が発生しております。"',
    'holdfast incident update 20261130-01 --template cause-found --attribution upstream --next 1h',
    'holdfast incident resolve 20261130-01 --tail "Some mail still arrives late until about 15:00."',
  ],
  run: async (order) => {
    const [act = 'list', ...words] = order.flags.words;
    if (act === 'list') return list(order);
    if (act === 'show') return show(words, order);
    if (act === 'open') return open(words, order);
    if (act === 'attach') return attach(words, order);
    if (act === 'save') return save(words, order);
    if (act === 'report') return report(words, order);
    if (act === 'templates') return templates(order);
    if (isAct(act)) return change(act, words, order);
    const { suggestion } = await import('#/codec/forms/index.ts');
    throw usage(`incident knows no '${act}': ${suggestion(act, [...OTHERS, ...ACTS])}`);
  },
};

async function list(order: Order): Promise<ExitCode> {
  const { flags } = order;
  await using server = await order.operations('reads');
  const input = { open: flags.is('open'), limit: flags.count('limit', LIMIT, LIMIT_MAX) };
  const { incidents } = await server.call<{ incidents: IncidentLine[] }>('incident.list', input);
  printAll(incidents, flags.is('open') ? 'No incident is open.' : 'There was no incident.', order);
  return EXIT.done;
}

async function show(words: readonly string[], order: Order): Promise<ExitCode> {
  const id = oneId('incident', 'show', words);
  await using server = await order.operations('reads');
  printOne(await server.call<IncidentPage>('incident.show', { id }), order);
  return EXIT.done;
}

async function open([more]: readonly string[], order: Order): Promise<ExitCode> {
  if (more !== undefined) throw usage('open takes no ID: it gives one. Say --title and --text.');
  await using server = await order.operations('changes');
  return told(await server.call<IncidentLine>('incident.open', factsIn(order)), 'is open', order);
}

const DONE: Readonly<Record<Act, string>> = {
  update: 'was updated',
  publish: 'can be seen by everybody',
  resolve: 'is resolved',
  postmortem: 'has its postmortem',
  promise: 'promises an update',
  drop: 'was dropped',
};

async function change(act: Act, words: readonly string[], order: Order): Promise<ExitCode> {
  const id = oneId('incident', act, words);
  const reason = order.flags.text('reason');
  if (act === 'drop' && reason === null) throw usage(`Say why: holdfast incident drop ${id} --reason TEXT.`);
  await using server = await order.operations('changes');
  const input = { id, ...seenOf(order), ...factsIn(order), ...(reason === null ? {} : { reason }) };
  return told(await server.call<IncidentLine>(`incident.${act}`, input), DONE[act], order);
}

/** Of one part of a file; as base64 it fits into one request. */
const PART_BYTES = 64 * 1024;
const FILE_BYTES_MAX = 10 * 1024 * 1024;
const TYPES: Readonly<Record<string, string>> = {
  ...{ '.pdf': 'application/pdf', '.txt': 'text/plain', '.md': 'text/markdown', '.csv': 'text/csv' },
  ...{ '.png': 'image/png', '.jpg': 'image/jpeg', '.jpeg': 'image/jpeg' },
};

async function attach([id, path, ...more]: readonly string[], order: Order): Promise<ExitCode> {
  if (id === undefined || path === undefined || more.length > 0)
    throw usage('Name the incident and the file: holdfast incident attach ID FILE.');
  const type = TYPES[extname(path).toLowerCase()];
  if (type === undefined) throw usage(`A file of an incident is one of ${Object.keys(TYPES).join(', ')}.`);
  const content = await readFile(resolve(order.world.cwd, path)).catch(() => null);
  if (content === null) throw usage(`${path} can not be read.`);
  if (content.length === 0 || content.length > FILE_BYTES_MAX)
    throw usage(`${path} has ${content.length} octets; a file has 1 to ${FILE_BYTES_MAX}.`);
  await using server = await order.operations('changes');
  const file = randomUUID();
  const parts = Math.ceil(content.length / PART_BYTES);
  const named = { name: basename(path), type, bytes: content.length, from: order.flags.text('by') ?? '' };
  let done: IncidentLine | null = null;
  for (let part = 0; part < parts; part++) {
    const octets = content.subarray(part * PART_BYTES, (part + 1) * PART_BYTES);
    const last = part === parts - 1 ? { last: { ...named, ...seenOf(order) } } : {};
    const input = { id, file, part, content: octets.toString('base64'), ...last };
    done = await server.call<IncidentLine | null>('incident.attach', input);
  }
  return done === null ? EXIT.no : told(done, `has ${named.name}`, order);
}

async function save([id, file, path, ...more]: readonly string[], order: Order): Promise<ExitCode> {
  if (id === undefined || file === undefined || path === undefined || more.length > 0)
    throw usage('Name the incident, the file and where to put it: holdfast incident save ID FILE-ID PATH.');
  await using server = await order.operations('reads');
  const found = await server.call<{ content: string }>('incident.file', { id, file });
  await put(path, found.content, order, 'wx');
  order.terminal.print(`${path} was written.`);
  return EXIT.done;
}

/** Octets in base64 as a file; `wx`: one that is not there yet. */
async function put(path: string, content: string, { world }: Order, flag: 'w' | 'wx'): Promise<void> {
  await writeFile(resolve(world.cwd, path), Buffer.from(content, 'base64'), { flag }).catch(() => {
    throw usage(`${path} can not be written, or is there already.`);
  });
}

interface Report {
  readonly markdown: string;
  readonly pdf: string | null;
  /** Of one that was given out. */
  readonly number?: string;
}

async function report(words: readonly string[], order: Order): Promise<ExitCode> {
  const { flags, terminal, json, answer } = order;
  const id = oneId('incident', 'report', words);
  const [version, tenant, language] = [flags.text('version'), flags.text('tenant'), flags.text('lang')];
  if (version === null) throw usage('Say which: --version first, interim or final.');
  const [issues, path] = [flags.is('issue'), flags.text('pdf')];
  await using server = await order.operations(issues ? 'changes' : 'reads');
  const input = {
    ...{ id, version, changes: flags.is('changes'), pdf: path !== null },
    ...(tenant === null ? {} : { tenant }),
    ...(language === null ? {} : { language }),
    ...(issues ? seenOf(order) : {}),
  };
  const name = issues ? 'report.issue' : 'report.draft';
  // Before it has a number: one that is given out and has no place to go would be lost for who asked.
  if (path !== null) await put(path, '', order, 'wx');
  const made = await server.call<Report>(name, input).catch(async (error: unknown) => {
    if (path !== null) await rm(resolve(order.world.cwd, path), { force: true });
    throw error;
  });
  if (path !== null) await put(path, made.pdf ?? '', order, 'w');
  if (json) answer(made);
  else terminal.print(made.markdown);
  if (!json && made.number !== undefined) terminal.note(`It was given out as ${made.number}.`);
  if (!json && path !== null) terminal.note(`${path} was written.`);
  return EXIT.done;
}

async function templates(order: Order): Promise<ExitCode> {
  const { terminal } = order;
  await using server = await order.operations('reads');
  const all = await server.call<{ name: string; phase: string; text: { en: string; ja: string } }[]>(
    'incident.templates',
    {},
  );
  if (order.json) order.answer(all);
  else for (const { name, phase, text } of all) terminal.print(`${name} (${phase})\n  ${text.en}\n  ${text.ja}\n`);
  return EXIT.done;
}

function factsIn(order: Order): Readonly<Record<string, unknown>> {
  const components = order.flags.texts('component').map((given) => {
    const [name = '', state = ''] = given.split('=', 2);
    if (name === '' || state === '') throw usage(`--component wants NAME=STATE, not '${given}'.`);
    return [name, state];
  });
  return {
    ...textsOf(order, ['title', 'text', 'advice', 'tail', 'cause', 'measures']),
    ...givenOf(order, {
      ...{ phase: 'phase', impact: 'impact', attribution: 'attribution', template: 'template', next: 'nextUpdate' },
      ...{ started: 'startedAt', ended: 'endedAt', detected: 'detectedAt', about: 'about' },
    }),
    ...(order.flags.texts('tell').length === 0 ? {} : { tenants: order.flags.texts('tell') }),
    ...(components.length === 0 ? {} : { components: Object.fromEntries(components) }),
  };
}

function told(one: IncidentLine, done: string, { json, answer, terminal }: Order): ExitCode {
  if (json) answer(one);
  else terminal.print(`${one.id} ${done} (${one.phase}, ${one.entries} entries).`);
  return EXIT.done;
}

function isAct(word: string): word is Act {
  return ACTS.some((act) => act === word);
}
