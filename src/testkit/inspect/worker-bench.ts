/** A worker of inspection for tests: custody's model, an inspector that does as it is told, and workers between them. */
import assert from 'node:assert/strict';
import { INSPECT_LIMITS, InspectionWorker, inspectMeters } from '#/inspect/index.ts';
import type {
  Call,
  Claim,
  IncarnationId,
  MailAddress,
  MailId,
  PolicyVersion,
  TenantId,
  Verdict,
} from '#/model/index.ts';
import { INSPECT_DESTINATION, within } from '#/model/index.ts';
import {
  type Custody,
  type InspectedMail,
  type Inspector,
  type Journal,
  NO_COPIES,
  type Passage,
  TELLS_NOBODY,
} from '#/ports/index.ts';
import { QUEUE_DEFAULTS, type RunningInspectionWork, startInspectionWork } from '#/queue/index.ts';
import { openMemoryCustody } from '#/store/memory/index.ts';
import { FakeLog, FakeMeter, FakeRouting, incarnationOf, QueueBench } from '../index.ts';

/** A bound for hangs. */
export const SOON = (): Call => within(30_000);
export const clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms: number, signal?: AbortSignal) =>
    new Promise<void>((done) => {
      const end = (): void => {
        clearTimeout(timer);
        done();
      };
      const timer = setTimeout(end, ms);
      if (signal?.aborted) end();
      signal?.addEventListener('abort', end, { once: true });
    }),
};

/** Bounds for hangs. */
const LOOK_MS = 5;
const LOOKS_MAX = 6_000;

type Say = (mail: InspectedMail, call: Call) => Partial<Verdict> | Promise<Partial<Verdict>> | null;

/** Judges the probe as it should be judged, and other mail as the test says; null is no verdict at all. */
class ScriptedInspector implements Inspector {
  rules = 'v1' as PolicyVersion;
  say: Say = () => ({ kind: 'pass' });
  probe: readonly Verdict['kind'][] = ['pass', 'hold', 'reject'];
  /** Whose mail waits long for a server. */
  readonly slowTenants = new Set<string>();
  readonly seen: InspectedMail[] = [];
  atOnce = 0;
  most = 0;

  async inspect(mail: InspectedMail, call: Call): Promise<ReadonlyMap<number, Verdict>> {
    if (mail.mail.purpose === 'probe')
      return new Map(this.probe.map((kind, i) => [i + 1, verdictOf({ kind }, this.rules)]));
    this.seen.push(mail);
    this.atOnce += 1;
    this.most = Math.max(this.most, this.atOnce);
    const { rules } = this;
    try {
      const said = await this.say(mail, call);
      return new Map(said === null ? [] : mail.asked.map((n) => [n, verdictOf(said, rules)]));
    } finally {
      this.atOnce -= 1;
    }
  }

  version(): PolicyVersion {
    return this.rules;
  }

  slow(tenant: TenantId): readonly string[] {
    return this.slowTenants.has(tenant) ? ['filter'] : [];
  }
}

function verdictOf(said: Partial<Verdict>, version: PolicyVersion): Verdict {
  return { kind: 'pass', rule: null, version, reason: { en: '', ja: '' }, changes: [], notify: [], ...said } as Verdict;
}

interface MailKind {
  readonly recipients?: number;
  readonly purpose?: 'user' | 'peer';
  readonly tenant?: string | undefined;
}

/** Custody, an inspector and a worker that is started when the test says so. */
export class WorkerBench implements AsyncDisposable {
  readonly custody: Custody & Journal = openMemoryCustody({ clock });
  readonly inspector = new ScriptedInspector();
  readonly log = new FakeLog();
  /** How everybody's mail goes by inspection; null: it is inspected. */
  passage: Passage | null = null;
  readonly unfit: { readonly why: string; readonly clean: boolean }[] = [];
  readonly #mails = new QueueBench();
  readonly #open = new AsyncDisposableStack();
  #workers = 0;

  /** A worker; resolves with what it claims by. */
  async start(limits: Partial<typeof INSPECT_LIMITS> = {}): Promise<RunningInspectionWork> {
    const id = `host/inspect/${++this.#workers}/1` as IncarnationId;
    const work = await startInspectionWork(QUEUE_DEFAULTS, {
      custody: this.custody,
      clock,
      log: this.log,
      incarnation: incarnationOf(id, clock.now()),
      random: Math.random,
      onFatal: () => {},
      onPassed: () => {},
    });
    this.#open.use(work);
    const parts = { work, inspector: this.inspector, custody: this.custody, blobs: null, clock, log: this.log };
    const onUnfit = (why: string, clean: boolean): void => {
      this.unfit.push({ why, clean });
      void work.fence(clean);
    };
    const rest = {
      routing: new FakeRouting([]),
      bypasses: { of: () => this.passage },
      copies: NO_COPIES,
      past: null,
      notices: this.#mails.noticeMaker(),
      people: TELLS_NOBODY,
      meters: inspectMeters(new FakeMeter()),
    };
    this.#open.use(new InspectionWorker({ ...INSPECT_LIMITS, ...limits }, { ...parts, ...rest, onUnfit }));
    return work;
  }

  /** A mail that waits for inspection. */
  async mail({ recipients = 1, purpose = 'user', tenant = 'acme' }: MailKind = {}): Promise<MailId> {
    const mail = this.#mails.mail({ tenant });
    const [one] = mail.recipients;
    assert.ok(one);
    const identity = { ...mail.identity, kind: purpose };
    const all = Array.from({ length: recipients }, (_, i) => {
      return {
        ...one,
        n: i + 1,
        address: `r${i}@there.test` as MailAddress,
        destination: INSPECT_DESTINATION,
        held: null,
      };
    });
    await this.custody.accept([{ ...mail, identity, receivedAt: clock.now(), recipients: all }], null, SOON());
    return mail.id;
  }

  async states(id: MailId): Promise<readonly string[]> {
    const [trace] = await this.custody.trace({ ids: [id] }, 1, SOON());
    return (trace?.recipients ?? []).map(({ state, reason, destination }) =>
      [state, reason, destination].filter(Boolean).join(' '),
    );
  }

  /** Waits until a mail has come to these states. */
  async becomes(id: MailId, ...states: readonly string[]): Promise<void> {
    let now: readonly string[] = [];
    for (let look = 0; look < LOOKS_MAX; look++) {
      now = await this.states(id);
      if (JSON.stringify(now) === JSON.stringify(states)) return;
      await clock.sleep(LOOK_MS);
    }
    assert.deepEqual(now, states);
  }

  /** Another worker took it, and died. */
  async lose(id: MailId): Promise<void> {
    const dead = incarnationOf(`host/inspect/dead-${id}/1` as IncarnationId, clock.now());
    await this.custody.enlist(dead, SOON());
    const filter = { ids: [id] };
    const claims: readonly Claim[] = await this.custody.claim({ kind: 'named', filter, limit: 9 }, dead.id, SOON());
    assert.equal(claims.length, 1);
    await this.custody.retire(dead.id, false, SOON());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#open.disposeAsync();
    for (const each of await this.custody.recount(SOON())) assert.ok(each.balanced);
    await this.#mails[Symbol.asyncDispose]();
  }
}
