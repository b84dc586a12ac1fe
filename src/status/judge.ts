/**
 * From what is measured to the state of each component, as a pure fold: figures and what was known before → what is known now.
 *
 * Each step of a rule is a switch of its own: on when its figure has been at or above `from` for `forMs`, off when it has been below `clearShare` of it
 * for `clearMs`. In between nothing changes, so noise around a threshold can't make a state flap; and since each switch follows its figure alone, worse
 * figures never give a better state. A figure that could not be had changes no switch: what is not known is neither well nor ill.
 *
 * Time is watched time: whoever slept has seen nothing.
 */
import {
  COMPONENT_KINDS,
  type ComponentKind,
  type ComponentState,
  type StateReason,
  severityOf,
  worstOf,
} from '#/model/index.ts';
import type { Measures } from './measures.ts';
import { clearMs, clearShare, RULES, type Rule } from './rules.ts';

/** What a rule's step remembers: since when its figure has been up, and down, in watched ms; and whether it is on. */
interface Switch {
  readonly upSince: number | null;
  readonly downSince: number | null;
  readonly on: boolean;
  /** Watched ms at which the run began that switched it on. */
  readonly since: number;
  readonly measured: number;
}

/** By rule and number of its step. */
export type Judgement = ReadonlyMap<string, Switch>;

export const NOTHING_KNOWN: Judgement = new Map();

const OFF: Switch = { upSince: null, downSince: null, on: false, since: 0, measured: 0 };

/** What is known after one more look at `now`, watched ms. */
export function judge(before: Judgement, measures: Measures, now: number, rules: readonly Rule[] = RULES): Judgement {
  const after = new Map<string, Switch>();
  for (const rule of rules) {
    const measured = measures[rule.measure] ?? null;
    for (const [i, { from, forMs }] of rule.steps.entries()) {
      const key = keyOf(rule, i);
      const last = before.get(key) ?? OFF;
      after.set(key, measured === null ? last : turn(last, measured, { from, forMs }, now));
    }
  }
  return after;
}

function turn(
  last: Switch,
  measured: number,
  step: { readonly from: number; readonly forMs: number },
  now: number,
): Switch {
  const upSince = measured >= step.from ? (last.upSince ?? now) : null;
  const downSince = measured < step.from * clearShare ? (last.downSince ?? now) : null;
  const turnsOn = !last.on && upSince !== null && now - upSince >= step.forMs;
  const turnsOff = last.on && downSince !== null && now - downSince >= clearMs;
  const on = turnsOn || (last.on && !turnsOff);
  return { upSince, downSince, on, since: turnsOn && upSince !== null ? upSince : last.since, measured };
}

/** State of one component, with what decided it. */
export interface Verdict {
  readonly kind: ComponentKind;
  readonly state: ComponentState;
  /** Watched ms since when its worst symptom has been there; null where all is well. */
  readonly since: number | null;
  readonly reasons: readonly StateReason[];
}

/** How each of these components is. */
export function verdictsOf(
  judgement: Judgement,
  kinds: Iterable<ComponentKind> = COMPONENT_KINDS,
  rules: readonly Rule[] = RULES,
): readonly Verdict[] {
  return [...kinds].map((kind) => {
    const own = rules.filter((rule) => rule.component === kind).flatMap((rule) => worstStep(rule, judgement));
    const state = worstOf(own.map((one) => one.state));
    const deciding = own.filter((one) => one.state === state);
    return {
      kind,
      state,
      since: deciding.length === 0 ? null : Math.min(...deciding.map((one) => one.since)),
      reasons: own.toSorted((a, b) => severityOf(b.state) - severityOf(a.state)).map(reasonOf),
    };
  });
}

interface Said {
  readonly rule: Rule;
  readonly state: ComponentState;
  readonly since: number;
  readonly measured: number;
}

/** The worst step of a rule that is on, or none. */
function worstStep(rule: Rule, judgement: Judgement): Said[] {
  const on = rule.steps.flatMap(({ state }, i): Said[] => {
    const known = judgement.get(keyOf(rule, i));
    return known?.on === true ? [{ rule, state, since: known.since, measured: known.measured }] : [];
  });
  const [first, ...rest] = on;
  if (first === undefined) return [];
  return [rest.reduce((worst, one) => (severityOf(one.state) > severityOf(worst.state) ? one : worst), first)];
}

function reasonOf({ rule, measured }: Said): StateReason {
  return { rule: rule.name, measured, text: { en: rule.words.en(measured), ja: rule.words.ja(measured) } };
}

function keyOf({ name }: Rule, step: number): string {
  return `${name} ${step}`;
}
