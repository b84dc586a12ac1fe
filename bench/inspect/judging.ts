/** A process that judges mails as one worker of inspection does, with no store and no relay: told what to do by messages, and says how long each took. */
import { defaultExtractLimits, type HookSetting, Hooks, RuleBook, RuleInspector } from '#/inspect/index.ts';
import type { MailAddress, MailInCustody, TenantId } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import { recipientTo } from '#/testkit/facts/index.ts';
import { toPort } from '#/testkit/hooks/index.ts';
import { directoryOf, FakeLog, tenantOf } from '#/testkit/index.ts';
import { largeMail, letterOf, RULES } from './samples.ts';

export type Task =
  /** So many letters, so many at once. */
  | { readonly kind: 'letters'; readonly count: number; readonly atOnce: number }
  /** Letters at an even pace for so long; meanwhile large mails, one behind the other, where `large` says so. */
  | { readonly kind: 'paced'; readonly perSecond: number; readonly forMs: number; readonly large: boolean }
  | { readonly kind: 'large'; readonly count: number };

/** Ms from the begin of a mail to its verdict, and of the whole task. */
export interface Done {
  readonly ms: number;
  readonly letters: readonly number[];
  readonly large: readonly number[];
}

const LETTERS = 64;
const MAIL_MS = 60_000;
const DEADLINE_MS = 30_000;
const SECRET = 'a secret of both sides';

const hookPort = Number(process.argv[2] ?? 0);
const rules =
  hookPort === 0 ? RULES : [{ name: 'filter', when: { hooks: 'filter' }, action: { reject: 'no' } }, ...RULES];
const beside: HookSetting = {
  name: 'filter',
  deadlineMs: DEADLINE_MS,
  connect: toPort(hookPort),
  kind: 'http',
  http: { host: 'localhost', path: '/', send: 'mail', secret: SECRET },
};
const clock = { monotonic: () => performance.now() };
const hooks = hookPort === 0 ? null : new Hooks([beside], { clock, log: new FakeLog() });
const tenant = tenantOf({ id: 'bench', domains: [] });
const book = new RuleBook({ current: () => directoryOf([tenant]), freshSince: async () => true }, rules);
const inspector = new RuleInspector(book, hooks);
const letters = Array.from({ length: LETTERS }, (_, i) => letterOf(i));
const large = largeMail();
if (large.length > defaultExtractLimits.messageBytesMax) throw new Error('the large mail is too large');

async function judge(content: Buffer): Promise<number> {
  const began = performance.now();
  const identity = { kind: 'user', tenant: 'bench' as TenantId, name: 'alice@bench.test' } as const;
  const sender = 'alice@bench.test' as MailAddress;
  const mail = { id: 'MAIL', tenant: 'bench', identity, sender, receivedAt: 0 } as unknown as MailInCustody;
  const everybody = [recipientTo('taro@elsewhere.test', 1)];
  const verdicts = await inspector.inspect({ mail, asked: [1], everybody, content }, within(MAIL_MS));
  if (verdicts.get(1) === undefined) throw new Error('there is no verdict');
  return performance.now() - began;
}

async function run(task: Task): Promise<Omit<Done, 'ms'>> {
  const took = { letters: [] as number[], large: [] as number[] };
  if (task.kind === 'large') for (let i = 0; i < task.count; i++) took.large.push(await judge(large));
  if (task.kind === 'letters') await atOnce(task, took.letters);
  if (task.kind === 'paced') await paced(task, took);
  return took;
}

async function atOnce({ count, atOnce: places }: Task & { kind: 'letters' }, took: number[]): Promise<void> {
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < count) took.push(await judge(letters[next++ % LETTERS] as Buffer));
  };
  await Promise.all(Array.from({ length: places }, one));
}

async function paced(task: Task & { kind: 'paced' }, took: { letters: number[]; large: number[] }): Promise<void> {
  const until = performance.now() + task.forMs;
  const beside = (async () => {
    while (task.large && performance.now() < until) took.large.push(await judge(large));
  })();
  const running: Promise<unknown>[] = [];
  for (let i = 0, at = performance.now(); at < until; i++, at += 1_000 / task.perSecond) {
    const wait = at - performance.now();
    if (wait > 0) await new Promise((done) => setTimeout(done, wait));
    // From when it would have come: a process that is busy makes it wait.
    const late = Math.max(0, performance.now() - at);
    running.push(judge(letters[i % LETTERS] as Buffer).then((ms) => took.letters.push(late + ms)));
  }
  await Promise.all([beside, ...running]);
}

process.on('message', (task: Task) => {
  const began = performance.now();
  void run(task).then((took) => process.send?.({ ...took, ms: performance.now() - began } satisfies Done));
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
