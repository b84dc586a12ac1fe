/** Failures that only we can make. Only where the environment asks for them. */
import { existsSync } from 'node:fs';
import type { Orphan, Settlement } from '#/model/index.ts';
import type { Custody, Inspector } from '#/ports/index.ts';

/** A process that is alive and busy with nothing: with HOLDFAST_CHAOS=1, SIGUSR2 makes the event loop turn no more, for ever. */
export function blockOnSignal(env: Readonly<Record<string, string | undefined>>): void {
  if (env.HOLDFAST_CHAOS !== '1') return;
  process.on('SIGUSR2', () => {
    for (let turns = 0; turns >= 0; turns = (turns + 1) % 1_000_000) Math.sqrt(turns);
  });
}

/** How an inspector misbehaves: chances for each mail, from 0 to 1. */
interface Moods {
  /** From then on it lets everything pass. */
  readonly garbage: number;
  /** From then on it answers nothing. */
  readonly hang: number;
  /** Its process dies at once. */
  readonly die: number;
}

/** A mail with this word in its subject kills whoever inspects it. */
const DEADLY = 'deadly';

/**
 * An inspector that goes wrong, for drills: HOLDFAST_CHAOS_INSPECT=`garbage=0.01,hang=0.01,die=0.01`. It is a way around policy, so it takes
 * HOLDFAST_CHAOS=1 as well; where that is missing the process does not start.
 */
export function moody(inspector: Inspector, env: Readonly<Record<string, string | undefined>>): Inspector {
  const asked = env.HOLDFAST_CHAOS_INSPECT ?? '';
  if (asked === '') return inspector;
  if (env.HOLDFAST_CHAOS !== '1') throw new TypeError('HOLDFAST_CHAOS_INSPECT is for drills alone.');
  const moods = moodsOf(asked);
  let garbage = false;
  let hangs = false;
  return {
    version: (tenant) => inspector.version(tenant),
    slow: (tenant) => inspector.slow(tenant),
    inspect: async (mail, call) => {
      if (mail.mail.purpose !== 'probe') {
        if (Math.random() < moods.die || mail.mail.facts.subject.includes(DEADLY)) process.kill(process.pid, 'SIGKILL');
        garbage ||= Math.random() < moods.garbage;
        hangs ||= Math.random() < moods.hang;
      }
      if (hangs) await new Promise(() => {});
      const verdicts = await inspector.inspect(mail, call);
      return garbage ? new Map([...verdicts].map(([n, verdict]) => [n, { ...verdict, kind: 'pass' }])) : verdicts;
    },
  };
}

/** Where custody is opened, as far as it matters to who forgets. */
export interface ForgetfulPlace {
  /** Whether this process inspects: a settlement that passes by two processes loses once. */
  readonly inspects: boolean;
  /** Whether this process writes the store itself: what is asked of its owner is forgotten there. */
  readonly writes: boolean;
}

/**
 * Custody that loses instructions, for drills: HOLDFAST_CHAOS_LOSE=0.1 settles such a part of what inspection lets pass into a wait without a due time,
 * and HOLDFAST_CHAOS_WHILE=FILE does so only while there is such a file. With HOLDFAST_CHAOS_REPAIR=off such rows are found and told of, once each, by
 * the process that has seen them lost, and nobody puts them right. All of it takes HOLDFAST_CHAOS=1.
 */
export function forgetful(
  custody: Custody,
  env: Readonly<Record<string, string | undefined>>,
  { inspects, writes }: ForgetfulPlace,
): Custody {
  const chance = inspects ? Number(env.HOLDFAST_CHAOS_LOSE ?? 0) : 0;
  const isUnrepaired = writes && env.HOLDFAST_CHAOS_REPAIR === 'off';
  if (!(chance > 0) && !isUnrepaired) return custody;
  if (env.HOLDFAST_CHAOS !== '1')
    throw new TypeError('HOLDFAST_CHAOS_LOSE and HOLDFAST_CHAOS_REPAIR are for drills alone.');
  const file = env.HOLDFAST_CHAOS_WHILE ?? '';
  const isFaulty = (): boolean => chance > 0 && (file === '' || existsSync(file));
  const found: Orphan[] = [];
  const changed: Partial<Custody> = {
    ...(isUnrepaired && { sweep: async () => found.splice(0, FOUND_AT_ONCE) }),
    settle: async (given, worker, call) => {
      const settlement = isFaulty() ? losing(given, chance) : given;
      const answer = await custody.settle(settlement, worker, call);
      if (isUnrepaired) found.push(...lostIn(settlement).slice(0, FOUND_MAX - found.length));
      return answer;
    },
  };
  return new Proxy(custody, {
    get: (target, name) => {
      const own: unknown = Reflect.get(changed, name);
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** Rows of one sweep, and rows that wait for one. */
const FOUND_AT_ONCE = 1_000;
const FOUND_MAX = 100_000;

function lostIn({ claim, outcomes }: Settlement): readonly Orphan[] {
  const { id: message, tenant } = claim.mail;
  return outcomes.flatMap(({ n, outcome }): Orphan[] =>
    outcome.kind === 'deferred' && outcome.due === null
      ? [{ message, recipient: n, tenant, fault: 'no due time', mended: false }]
      : [],
  );
}

function losing(settlement: Settlement, chance: number): Settlement {
  const outcomes = settlement.outcomes.map(({ n, outcome }) => {
    if (outcome.kind !== 'passed' || Math.random() >= chance) return { n, outcome };
    const reply = { code: 0, enhanced: null, text: 'its instruction was lost', host: null };
    // No outcome has this: it is the fault itself.
    const due = null as unknown as number;
    return { n, outcome: { kind: 'deferred', reply, due, delayNotified: false } as const };
  });
  return { ...settlement, outcomes };
}

function moodsOf(text: string): Moods {
  const given = new Map(text.split(',').map((one) => one.split('=') as [string, string]));
  const chance = (name: keyof Moods): number => Number(given.get(name) ?? 0);
  return { garbage: chance('garbage'), hang: chance('hang'), die: chance('die') };
}
