/** What DNS has of the records that servers ask for: MX, SPF, keys, DMARC. */
import { type Call, type Domain, within } from '#/model/index.ts';
import type { Resolver } from '#/ports/index.ts';
import type { DnsRecord } from './dns-records.ts';

/** `differs`: there is one of its kind with another text, which may be meant so; `wrong`: it can't work as it is; `unknown`: DNS did not answer. */
export type CheckedState = 'right' | 'differs' | 'wrong' | 'missing' | 'unknown';

export interface CheckedRecord extends DnsRecord {
  readonly state: CheckedState;
  /** What is there of its kind. */
  readonly found: readonly string[];
}

export interface CheckParts {
  readonly resolver: Pick<Resolver, 'mx' | 'texts'>;
  /** Whether the domain's SPF record lets this host send; null where that can't be known now. */
  readonly maySend: (domain: Domain, call: Call) => Promise<boolean | null>;
}

/** For one name. */
const askedMs = 10_000;
/** Texts of a name that are shown. */
const foundMax = 10;

/** Compares those that other mail servers ask for; what only mail programs ask for is left out. */
export async function checkRecords(
  records: readonly DnsRecord[],
  { resolver, maySend }: CheckParts,
  call: Call,
): Promise<readonly CheckedRecord[]> {
  const asked = records.filter(({ type }) => type === 'MX' || type === 'TXT');
  return Promise.all(
    asked.map(async (record) => {
      try {
        const found = (await foundOf(record, resolver, within(askedMs, call.signal))).slice(0, foundMax);
        const state = stateOf(record, found);
        // Another text may let this host send as well: what it says counts.
        if (state === 'differs' && versionOf(record.value) === 'v=spf1')
          return { ...record, found, state: await spfState(record, maySend, call) };
        return { ...record, found, state };
      } catch {
        return { ...record, found: [], state: 'unknown' as const };
      }
    }),
  );
}

async function spfState({ name }: DnsRecord, maySend: CheckParts['maySend'], call: Call): Promise<CheckedState> {
  const may = await maySend(name as Domain, within(askedMs, call.signal));
  if (may === null) return 'unknown';
  return may ? 'right' : 'wrong';
}

async function foundOf(
  { name, type, value }: DnsRecord,
  resolver: Pick<Resolver, 'mx' | 'texts'>,
  call: Call,
): Promise<readonly string[]> {
  if (type === 'MX') {
    const answer = await resolver.mx(name as Domain, call);
    if (answer.kind === 'null-mx') return ['0 .'];
    return answer.kind === 'hosts' ? answer.hosts.map(({ preference, host }) => `${preference} ${host}.`) : [];
  }
  const version = versionOf(value);
  return (await resolver.texts(name, call)).filter((text) => versionOf(text) === version);
}

function stateOf({ type, value }: DnsRecord, found: readonly string[]): CheckedState {
  if (found.length === 0) return 'missing';
  if (type === 'MX') return found.some((one) => hostOf(one) === hostOf(value)) ? 'right' : 'wrong';
  const isThere = found.some((one) => plain(one) === plain(value));
  const version = versionOf(value);
  // RFC 7208 §4.5, RFC 9989: where there are two, neither counts.
  if ((version === 'v=spf1' || version === 'v=DMARC1') && found.length > 1) return 'wrong';
  if (isThere) return 'right';
  // A key is right or is none.
  return version === 'v=DKIM1' ? 'wrong' : 'differs';
}

function versionOf(text: string): string {
  return /^v=[^\s;]+/.exec(text)?.[0] ?? '';
}

function hostOf(mx: string): string {
  return (mx.split(' ')[1] ?? '').replace(/\.$/, '').toLowerCase();
}

/** White space says nothing in any of them but between words. */
function plain(text: string): string {
  return text
    .replace(/\s*;\s*/g, ';')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/;$/, '');
}
