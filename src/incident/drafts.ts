/** What rules write: the draft of an incident, and one more symptom of it. Pure. */
import {
  type ComponentChange,
  componentName,
  type Incident,
  type IncidentEntry,
  type IncidentFacts,
  inLanguage,
  type Wording,
} from '#/model/index.ts';
import { attributionOf, statesWith } from './causes.ts';
import { severity } from './fold.ts';
import { INCIDENT_LIMITS } from './limits.ts';

const RULE = 'rule';

/** The entries that open it; with `publish` people see it at once. */
export function draftOf(change: ComponentChange, at: number, publish: boolean): readonly IncidentEntry[] {
  const { component, to, since } = change;
  const draft: IncidentEntry = {
    ...{ kind: 'drafted', at, by: RULE, symptom: change, phase: 'investigating' },
    title: titleOf(change),
    text: textOf(change),
    components: { [component]: to },
    startedAt: since,
    detectedAt: at,
    attribution: attributionOf([change]),
    ...(publish ? { nextUpdateAt: at + INCIDENT_LIMITS.promiseMs } : {}),
  };
  return publish ? [draft, { kind: 'published', at, by: RULE }] : [draft];
}

/** What a further change adds. A person's word on attribution and end stays. */
export function symptomOf(
  change: ComponentChange,
  incident: Incident,
  entries: readonly IncidentEntry[],
  at: number,
): IncidentEntry {
  const components = statesWith(incident, change);
  const isWell = Object.values(components).every((state) => severity(state) === 0);
  const byRule = (fact: keyof IncidentFacts): boolean =>
    (entries.findLast((entry) => entry[fact] !== undefined)?.by ?? RULE) === RULE;
  // Where a person has taken over, they find the words.
  const isLed = entries.some(({ by }) => by !== RULE);
  const attribution = attributionOf([...incident.symptoms, change]);
  return {
    ...{ kind: 'joined', at, by: RULE, symptom: change, components },
    ...(byRule('attribution') && attribution !== incident.attribution ? { attribution } : {}),
    ...(byRule('startedAt') && change.since < incident.startedAt && severity(change.to) > 0
      ? { startedAt: change.since }
      : {}),
    ...(byRule('endedAt') && (isWell || incident.endedAt !== null) ? { endedAt: isWell ? change.since : null } : {}),
    ...(isWell && !isLed ? { phase: 'monitoring', text: WELL } : {}),
    ...(!isWell && !isLed && incident.phase === 'monitoring' ? { phase: 'investigating', text: AGAIN } : {}),
  };
}

const WELL: Wording = {
  en: 'What we measure is back to normal. We watch it before we call this resolved.',
  ja: '計測値は正常に戻りました。引き続き状況を確認しております。',
};

const AGAIN: Wording = {
  en: 'It has come back. We are looking into it.',
  ja: '事象が再発しました。原因を調査しております。',
};

/** What people read before anybody has looked: which part, and how bad. */
function titleOf({ component, to }: ComponentChange): Wording {
  const name = component.replaceAll(/[._-]/g, ' ');
  if (!component.includes('.upstreams.')) return { en: `${name}: ${STATE.en[to]}`, ja: `${name}：${STATE.ja[to]}` };
  return {
    en: `${componentName(component, 'en')}: ${STATE.en[to]}`,
    ja: `${componentName(component, 'ja')}：${STATE.ja[to]}`,
  };
}

function textOf({ reason }: ComponentChange): Wording {
  return {
    en: `${inLanguage(reason, 'en')} We are looking into it.`.trim(),
    ja: `${inLanguage(reason, 'ja')}原因を調査しております。`,
  };
}

const STATE = {
  en: {
    operational: 'operational',
    degraded_performance: 'slower than usual',
    partial_outage: 'does not work for some',
    major_outage: 'does not work',
    under_maintenance: 'maintenance',
  },
  ja: {
    operational: '正常',
    degraded_performance: '遅延が発生しています',
    partial_outage: '一部でご利用いただけません',
    major_outage: 'ご利用いただけません',
    under_maintenance: 'メンテナンス中',
  },
} as const;
