/**
 * A mail whose verdict is known: three recipients, of whom one passes, one is held and one is refused. It is inspected by the same code
 * on the same way as people's mail, in memory and never through custody. Whoever answers it otherwise, late or not at all must not judge
 * other mail (H10).
 */
import type { Call, DecisionKind, MailAddress, MailId, RecipientNumber } from '#/model/index.ts';
import { PROBE_TENANT } from '#/model/index.ts';
import type { InspectedMail, Inspector } from '#/ports/index.ts';

/** The rules by which the probe's tenant is judged, whatever the installation's own say. */
export const PROBE_RULES: readonly Readonly<Record<string, unknown>>[] = [
  { name: 'probe: refused', when: { recipients: ['refused@probe.test'] }, action: { reject: 'probe' } },
  { name: 'probe: held', when: { recipients: ['held@probe.test'] }, action: { hold: '15m' } },
];

const RECIPIENTS: readonly { readonly address: string; readonly expected: DecisionKind }[] = [
  { address: 'passes@probe.test', expected: 'pass' },
  { address: 'held@probe.test', expected: 'hold' },
  { address: 'refused@probe.test', expected: 'reject' },
];

/** What a worker said to the probe, by recipient. */
export type ProbeAnswer = readonly (DecisionKind | 'none')[];

/** Inspects the probe. Rejects where the inspector does. */
export async function probe(inspector: Inspector, call: Call): Promise<ProbeAnswer> {
  const verdicts = await inspector.inspect(PROBE, call);
  return RECIPIENTS.map((_, i) => verdicts.get(i + 1)?.kind ?? 'none');
}

/** What is wrong with an answer; null where it is right. */
export function faultOf(answer: ProbeAnswer): string | null {
  const wrong = RECIPIENTS.findIndex(({ expected }, i) => answer[i] !== expected);
  const expected = RECIPIENTS[wrong]?.expected;
  if (expected !== undefined)
    return `a probe that should have ended in ${expected} ended in ${answer[wrong] ?? 'none'}`;
  return answer.length === RECIPIENTS.length ? null : 'a probe was answered for somebody else';
}

const CONTENT = Buffer.from(
  [
    'From: Probe <probe@probe.test>',
    'To: Passes <passes@probe.test>, Held <held@probe.test>, Refused <refused@probe.test>',
    'Subject: =?UTF-8?B?5qSc5p+744Gu56K66KqN?=',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'This mail is inspected now and then to see whether inspection works.',
    '',
  ].join('\r\n'),
);

const PROBE: InspectedMail = {
  mail: {
    id: 'PROBE' as MailId,
    parent: null,
    tenant: PROBE_TENANT,
    origin: 'generated',
    purpose: 'probe',
    sender: 'probe@probe.test' as MailAddress,
    identity: { kind: 'system', tenant: PROBE_TENANT, name: '' },
    receivedAt: 0,
    needs: { eightBit: true, smtpUtf8: false, requireTls: false, ret: null, envid: null },
    facts: { from: 'Probe <probe@probe.test>', subject: '', messageId: '' },
    hops: 1,
    size: CONTENT.length,
  },
  asked: RECIPIENTS.map((_, i): RecipientNumber => i + 1),
  everybody: RECIPIENTS.map(({ address }, i) => ({
    n: i + 1,
    address: address as MailAddress,
    original: null,
    direction: 'outbound',
  })),
  content: CONTENT,
};
