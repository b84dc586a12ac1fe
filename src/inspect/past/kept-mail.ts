/**
 * What is kept of one mail for dry runs: its facts without anything that somebody wrote into it but names of files and header fields, and what
 * checks answered. No text, no subject, no value of a field, no words of a finding.
 */
import { hash } from 'node:crypto';
import type {
  AddressFacts,
  Direction,
  MailAddress,
  MailFacts,
  PartFacts,
  PartRole,
  TenantId,
  Unread,
} from '#/model/index.ts';
import type { Answer, Answers, Question } from '#/policy/index.ts';

export interface KeptMail {
  readonly id: string;
  /** Wall-clock ms at which it was inspected. */
  readonly at: number;
  readonly facts: MailFacts;
  /** By `keptKey` of their questions. */
  readonly answers: Answers;
}

/** Questions that are longer stand as a hash: a list of two thousand words is the tenant's rules, and they are elsewhere. */
const KEY_CHARS_MAX = 2_000;

/** The name of a question among what is kept. */
export function keptKey(key: string): string {
  return key.length <= KEY_CHARS_MAX ? key : `#${hash('sha256', key)}`;
}

/** The question again; null where only its hash was kept. */
export function questionOf(kept: string): Question | null {
  return kept.startsWith('#') ? null : (JSON.parse(kept) as Question);
}

type Optional<T> = T | 0;
type KeptPart = readonly [
  path: string,
  role: PartRole,
  name: Optional<string>,
  otherNames: Optional<readonly string[]>,
  declaredType: string,
  trueType: Optional<string>,
  size: number,
  flags: number,
];
type KeptAnswer =
  | readonly [key: number, count: number, unread: 0 | 1, parts: readonly string[], recipients: readonly number[]]
  | readonly [key: number, why: string];

/** A mail as JSON has it. Places instead of names: thousands of them are written each second. */
export interface KeptForm {
  readonly i: string;
  readonly t: number;
  readonly k: readonly [kind: MailFacts['identity']['kind'], tenant: string | 0, name: string];
  readonly s: MailAddress | 0;
  readonly r: readonly (readonly [n: number, address: MailAddress, original: MailAddress | 0, direction: Direction])[];
  readonly z: number;
  readonly f: readonly string[];
  readonly o: readonly string[];
  readonly c: readonly string[];
  /** 1 where it has a subject. */
  readonly j: 0 | 1;
  readonly h: readonly string[];
  readonly p: readonly KeptPart[];
  readonly u: readonly (readonly [part: string, why: Unread['why']])[];
  readonly a: readonly KeptAnswer[];
}

const [ENCRYPTED, MACRO] = [1, 2];

/** `keyAt` gives a question its place. */
export function formOf({ id, at, facts, answers }: KeptMail, keyAt: (key: string) => number): KeptForm {
  const { identity, sender, recipients, size, from, to, cc, subject, fields, parts, unread } = facts;
  return {
    ...{ i: id, t: at, k: [identity.kind, identity.tenant ?? 0, identity.name], s: sender ?? 0, z: size },
    r: recipients.map(({ n, address, original, direction }) => [n, address, original ?? 0, direction]),
    ...{ f: addressesOf(from), o: addressesOf(to), c: addressesOf(cc) },
    j: /[^\s\p{Cf}\p{Cc}]/u.test(subject) ? 1 : 0,
    h: [...new Set(fields.map(({ name }) => name))],
    p: parts.map(keptPart),
    u: unread.map(({ part, why }) => [part, why]),
    a: [...answers].map(([key, answer]) => keptAnswer(keyAt(key), answer)),
  };
}

/** The mail again, with nothing where nothing was kept. */
export function mailOf(form: KeptForm, tenant: TenantId, keys: readonly string[]): KeptMail {
  const [kind, home, name] = form.k;
  const facts: MailFacts = {
    tenant,
    identity: { kind, tenant: home === 0 ? null : (home as TenantId), name },
    sender: form.s === 0 ? null : form.s,
    recipients: form.r.map(([n, address, original, direction]) => {
      return { n, address, original: original === 0 ? null : original, direction };
    }),
    size: form.z,
    ...{ from: form.f.map(undisplayed), to: form.o.map(undisplayed), cc: form.c.map(undisplayed), replyTo: [] },
    subject: form.j === 1 ? '…' : '',
    fields: form.h.map((field) => ({ name: field, value: '' })),
    parts: form.p.map(partOf),
    unread: form.u.map(([part, why]) => ({ part, why, detail: '' })),
  };
  const answers = form.a.flatMap((kept): [string, Answer][] => {
    const key = keys[kept[0]];
    return key === undefined ? [] : [[key, answerOf(kept)]];
  });
  return { id: form.i, at: form.t, facts, answers: new Map(answers) };
}

function addressesOf(list: readonly AddressFacts[]): readonly string[] {
  return list.map(({ address }) => address);
}

function undisplayed(address: string): AddressFacts {
  return { address, display: '' };
}

function keptPart(part: PartFacts): KeptPart {
  const { path, role, name, otherNames, declaredType, trueType, size, encrypted, macro } = part;
  const flags = (encrypted ? ENCRYPTED : 0) | (macro ? MACRO : 0);
  const others = otherNames.length === 0 ? 0 : otherNames;
  return [path, role, name ?? 0, others, declaredType, trueType ?? 0, size, flags];
}

function partOf([path, role, name, otherNames, declaredType, trueType, size, flags]: KeptPart): PartFacts {
  return {
    ...{ path, role, declaredType, size, sha256: null, text: null, textCut: false },
    name: name === 0 ? null : name,
    otherNames: otherNames === 0 ? [] : otherNames,
    trueType: trueType === 0 ? null : trueType,
    encrypted: (flags & ENCRYPTED) !== 0,
    macro: (flags & MACRO) !== 0,
  };
}

function keptAnswer(key: number, answer: Answer): KeptAnswer {
  if (answer.kind === 'absent') return [key, answer.why];
  const { count, unread, findings } = answer;
  const parts = new Set(findings.flatMap(({ part, recipient }) => (recipient === undefined ? [part] : [])));
  return [key, count, unread ? 1 : 0, [...parts], findings.flatMap(({ recipient }) => recipient ?? [])];
}

const UNSAID = { check: '', reason: { en: '', ja: '' } };

function answerOf(kept: KeptAnswer): Answer {
  if (kept.length === 2) return { kind: 'absent', why: kept[1] };
  const [, count, unread, parts, recipients] = kept;
  const findings = [
    ...parts.map((part) => ({ ...UNSAID, part })),
    ...recipients.map((recipient) => ({ ...UNSAID, part: '', recipient })),
  ];
  return { kind: 'looked', count, findings, unread: unread === 1 };
}
