/** The rules by which a provider's servers are in trouble: the same for all, with its name in what is said. */
import { providerName } from '#/codec/refusal/index.ts';
import type { Upstream, UpstreamFigures } from '#/model/index.ts';
import type { Measures } from './measures.ts';
import type { Rule } from './rules.ts';

/** Nothing has been taken for so long: behind two of the watch's looks, and well within the minute of H9. */
const awayMs = 20_000;
/** Signs before that counts: one or two are anybody's bad moment. */
const signsLeast = 3;
/** Attempts of the last minutes below which shares and times say nothing. */
const attemptsLeast = 20;
/** Attempts within the hour, or destinations, from which on a server that nobody knows matters to more than one sender. */
const notableAttempts = 50;
const notableDestinations = 3;
/** So many times its usual time is slow, and so much is, at least. */
const slowTimes = 3;
const slowMs = 10_000;
const brokenMs = 60_000;

/** Rules for one provider. `whom` names it in both languages. */
export function upstreamRules(whom: { readonly en: string; readonly ja: string }): readonly Rule[] {
  return [
    {
      name: `upstreams: away`,
      component: 'upstreams',
      measure: 'upstream.away',
      steps: [{ state: 'partial_outage', from: awayMs, forMs: 0 }],
      words: {
        en: () =>
          `${whom.en} takes none of our mail just now. It waits here, nothing is lost, and it goes on by itself.`,
        ja: () =>
          `${whom.ja}がメールを受け付けていません。メールは当方で待機しており、失われません。復旧後に自動で配送します。`,
      },
    },
    {
      name: `upstreams: deferring`,
      component: 'upstreams',
      measure: 'upstream.deferred',
      steps: [
        { state: 'degraded_performance', from: 0.3, forMs: 20_000 },
        { state: 'partial_outage', from: 0.8, forMs: 20_000 },
      ],
      words: {
        en: (part) =>
          `${whom.en} tells ${percent(part)} % more of our mail than usual to come again later. It goes on by itself.`,
        ja: (part) => `${whom.ja}が通常より${percent(part)}%多くのメールに再送を求めています。自動で再送します。`,
      },
    },
    {
      name: `upstreams: slow`,
      component: 'upstreams',
      measure: 'upstream.slow',
      steps: [
        { state: 'degraded_performance', from: slowMs, forMs: 20_000 },
        { state: 'partial_outage', from: brokenMs, forMs: 20_000 },
      ],
      words: {
        en: (ms) => `${whom.en} takes ${Math.round(ms / 1_000)} s for a mail, which is far more than usual.`,
        ja: (ms) => `${whom.ja}への配送に、通常より大幅に長い${Math.round(ms / 1_000)}秒かかっています。`,
      },
    },
  ];
}

/** What the rules look at, of one provider. One that is not met any more has no trouble that we could know of. */
export function upstreamMeasures(one: Upstream | null, now: number): Measures {
  if (one === null || !isNotable(one)) return { 'upstream.away': 0, 'upstream.deferred': 0, 'upstream.slow': 0 };
  const { trouble, lastServedAt, last5, usual } = one;
  const takesNone = trouble !== null && trouble.signs >= signsLeast && (lastServedAt ?? 0) < trouble.since;
  const attempts = attemptsOf(last5);
  const counts = attempts >= attemptsLeast;
  const share = counts ? last5.failing / (attempts + last5.unreachable) : 0;
  const isSlow = counts && last5.p95 > slowTimes * usual.p95;
  return {
    'upstream.away': takesNone ? now - trouble.since : 0,
    'upstream.deferred': Math.max(0, share - usual.failingShare),
    'upstream.slow': isSlow ? last5.p95 : 0,
  };
}

/** Whether its trouble is that of more than one sender: a next hop of the operator's, a provider that everybody knows, or one that gets much mail. */
function isNotable({ provider, destinations, moreDestinations, last60 }: Upstream): boolean {
  if (providerName(provider) !== null || destinations.some(({ destination }) => destination.startsWith('route:')))
    return true;
  return destinations.length + moreDestinations >= notableDestinations || attemptsOf(last60) >= notableAttempts;
}

function attemptsOf({ delivered, deferred, bounced }: UpstreamFigures): number {
  return delivered + deferred + bounced;
}

function percent(part: number): string {
  return String(Math.round(part * 100));
}
