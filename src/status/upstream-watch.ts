/**
 * Which providers are in trouble, by the written rules, each with a judgement of its own; and whose trouble it looks like.
 *
 * What must never happen: a host that one customer alone may use named on a page for all (only providers that everybody knows are named there); several
 * unrelated providers blamed for our own network or DNS.
 */
import { providerName } from '#/codec/refusal/index.ts';
import {
  type ComponentChange,
  type ComponentState,
  componentId,
  type StateReason,
  severityOf,
  type Upstream,
  worstOf,
} from '#/model/index.ts';
import { type Judgement, judge, NOTHING_KNOWN, type Verdict, verdictsOf } from './judge.ts';
import { upstreamMeasures, upstreamRules } from './upstream-rules.ts';

/** So many unrelated ones at once, and more than half of all, fail for a reason that they share: ours. */
const SHARED_LEAST = 3;
/** A sign that is older says nothing of now. */
const RECENT_MS = 2 * 60_000;

interface Known {
  readonly judgement: Judgement;
  readonly state: ComponentState;
  /** Wall-clock ms. */
  readonly since: number;
  readonly lastSignAt: number;
  readonly reasons: readonly StateReason[];
}

/** Where a provider is not to be named. */
const SOMEBODY = { en: 'One of the next mail servers', ja: '中継先のメールサーバーの一つ' };

export class UpstreamWatch {
  readonly #region: string;
  readonly #known = new Map<string, Known>();

  constructor(region: string) {
    this.#region = region;
  }

  /** One more look, at watched and wall-clock ms; what has changed, to be told. */
  look(all: readonly Upstream[], watchedMs: number, now: number): readonly ComponentChange[] {
    const byProvider = new Map(all.map((one) => [one.provider, one]));
    const layer = sharedLayerOf(all, now);
    return [...new Set([...byProvider.keys(), ...this.#known.keys()])].flatMap((provider) => {
      const change = this.#turn(provider, byProvider.get(provider) ?? null, watchedMs, now);
      return change === null ? [] : [{ ...change, layer: layer ?? change.layer }];
    });
  }

  /** The component of all of them, with those that are in trouble: a state of its own is at most worsened. Watched ms as in its verdict. */
  with(verdict: Verdict, watchedMs: number, now: number): Verdict {
    const ill = [...this.#known.values()].filter(({ state }) => severityOf(state) > 0);
    const worst = worstOf([verdict.state, ...ill.map(({ state }) => state)]);
    const deciding = ill.filter(({ state }) => state === worst).map(({ since }) => watchedMs - (now - since));
    const own = verdict.state === worst && verdict.since !== null ? [verdict.since] : [];
    const begins = [...own, ...deciding];
    return {
      ...verdict,
      state: worst,
      since: begins.length === 0 ? null : Math.min(...begins),
      reasons: [...verdict.reasons, ...ill.flatMap(({ reasons }) => reasons)],
    };
  }

  #turn(provider: string, one: Upstream | null, watchedMs: number, now: number): ComponentChange | null {
    const before = this.#known.get(provider);
    const name = providerName(provider);
    const rules = upstreamRules(name === null ? SOMEBODY : { en: name, ja: name });
    const judgement = judge(before?.judgement ?? NOTHING_KNOWN, upstreamMeasures(one, now), watchedMs, rules);
    const [verdict] = verdictsOf(judgement, ['upstreams'], rules);
    const { state = 'operational', reasons = [], since: seen = null } = verdict ?? {};
    const from = before?.state ?? 'operational';
    const lastSignAt = one?.trouble?.last ?? before?.lastSignAt ?? now;
    const first = one?.trouble?.since ?? (seen === null ? now : now - (watchedMs - seen));
    const since = state === from ? (before?.since ?? first) : severityOf(state) === 0 ? lastSignAt : first;
    if (one === null && state === 'operational') this.#known.delete(provider);
    else this.#known.set(provider, { judgement, state, since, lastSignAt, reasons });
    if (state === from) return null;
    const measured = Object.fromEntries(
      reasons.map((reason) => [reason.rule, Math.round(reason.measured * 100) / 100]),
    );
    return {
      // One that is not to be named is told of as one of them; who reads its layer may know it.
      component: `${componentId(this.#region, 'upstreams')}${name === null ? '' : `.${provider}`}`,
      ...{ from, to: state, since },
      measured: { ...measured, provider },
      reason: reasons[0]?.text ?? { en: 'It takes our mail again.', ja: 'メールの受け付けが再開されました。' },
      layer: `upstream:${provider}`,
    };
  }
}

/** What unrelated providers that fail at once stand on together: our network, or DNS; null where each has its own reason. */
export function sharedLayerOf(all: readonly Upstream[], now: number): 'network' | 'dns' | null {
  const used = all.filter(({ last5 }) => last5.delivered + last5.deferred + last5.unreachable > 0);
  const failing = used.filter(({ trouble, lastServedAt }) => {
    return trouble !== null && now - trouble.last <= RECENT_MS && (lastServedAt ?? 0) < trouble.since;
  });
  if (failing.length < SHARED_LEAST || failing.length * 2 <= used.length) return null;
  const ofDns = failing.filter(({ last5 }) => (last5.classes.dns ?? 0) * 2 > last5.deferred);
  return ofDns.length * 2 > failing.length ? 'dns' : 'network';
}
