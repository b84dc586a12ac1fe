/** What people do with past mail: try a draft of rules on it (ports/operation.ts). */
import { z } from 'zod';
import { parseDuration } from '#/codec/forms/index.ts';
import type { Call, Tenant } from '#/model/index.ts';
import type { AbsencePolicies, DecisionChange, RuleTally } from '#/policy/index.ts';
import type { Clock, Operation, PastMails } from '#/ports/index.ts';
import { operation, Refusal } from '#/ports/index.ts';
import { type Rehearsal, rehearse } from './rehearsal.ts';

export interface RehearsalOperationParts {
  readonly past: Pick<PastMails, 'read'>;
  readonly clock: Clock;
  /** Rules in front of the tenants' own. */
  readonly installation: Tenant['policies'];
  readonly absences: (tenant: Tenant) => AbsencePolicies;
  /** How long facts are kept, ms; 0: not at all. */
  readonly keptMs: number;
  /** The tenant as it is, and as applying the file would make it. Refuses a file with mistakes, and one about anybody else. */
  readonly draftOf: (draft: DraftFile, call: Call) => Promise<Draft>;
}

export interface DraftFile {
  readonly file: string;
  readonly document: unknown;
  readonly places: Readonly<Record<string, [number, number]>>;
  /** Rules that the file does not name are left out. */
  readonly prune: boolean;
  /** Null: the one that the file names. */
  readonly tenant: string | null;
}

export interface Draft {
  readonly now: Tenant;
  readonly draft: Tenant;
  readonly warnings: readonly string[];
}

/** Changes that are told one by one. */
const TOLD_MAX = 50;
/** Mails that one dry run looks at unless it is told otherwise, and at most. */
const MAILS = 50_000;
const MAILS_MAX = 1_000_000;

/** Dry runs at once: each takes half of the event loop's time, and others need it. */
const AT_ONCE = 1;

/** All operations of this room. */
export function rehearsalOperations(parts: RehearsalOperationParts): readonly Operation[] {
  return [policyRehearse(parts)];
}

const decided = z.object({ kind: z.string(), rule: z.string().nullable() });

function policyRehearse(parts: RehearsalOperationParts): Operation {
  let underWay = 0;
  return operation({
    name: 'policy.rehearse',
    summary:
      'What a draft of a tenant’s rules would have done to its mail of the last days, beside what the rules of now would.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject({
      tenant: z.string().nullable().default(null),
      file: z.string().max(4096),
      document: z.unknown(),
      places: z.record(z.string(), z.tuple([z.int(), z.int()])).default({}),
      prune: z.boolean().default(false),
      /** How far back: `7d`. */
      since: z.string().max(20),
      mails: z.int().min(1).max(MAILS_MAX).default(MAILS),
    }),
    output: z.object({
      tenant: z.string(),
      since: z.string(),
      /** The oldest mail that was looked at. */
      from: z.string().nullable(),
      mails: z.int(),
      recipients: z.int(),
      /** Mails that were inspected and of which nothing is kept. */
      missing: z.int(),
      /** There is more that was not looked at. */
      cut: z.boolean(),
      outcomes: z.record(z.string(), z.int()),
      /** Recipients whose fate hangs on what nobody asked then. */
      unanswered: z.object({ draft: z.int(), now: z.int() }),
      moves: z.record(z.string(), z.int()),
      rules: z.array(
        z.object({
          rule: z.string(),
          recipients: z.int(),
          mails: z.int(),
          first: z.array(z.string()),
          unanswered: z.int(),
        }),
      ),
      changes: z.array(z.object({ mail: z.string(), recipient: z.int(), before: decided, after: decided })),
      warnings: z.array(z.string()),
    }),
    subject: () => null,
    async handle({ since, mails, ...file }, { call }) {
      const sinceAt = momentOf(since, parts);
      const { now, draft, warnings } = await parts.draftOf(file, call);
      if (now.noFacts === true)
        throw new Refusal(1, `Nothing is kept of the mail of ${now.id} for dry runs (noFacts: on).`);
      const { installation, absences } = parts;
      const request = { now, draft, installation, absences, since: sinceAt, mailsMax: mails };
      if (underWay >= AT_ONCE) throw new Refusal(4, 'Another dry run is under way. Try again when it has ended.');
      underWay += 1;
      try {
        return answerOf(await rehearse(request, parts, call), now, sinceAt, warnings);
      } finally {
        underWay -= 1;
      }
    },
  });
}

function momentOf(since: string, { clock, keptMs }: RehearsalOperationParts): number {
  const ms = parseDuration(since);
  if (ms === null) throw new Refusal(2, `"${since}" is no duration: write how far back, such as 12h or 7d.`);
  if (keptMs === 0)
    throw new Refusal(1, 'Nothing is kept of mail for dry runs here: set retention.facts in holdfast.yaml.');
  return clock.now() - ms;
}

function answerOf(found: Rehearsal, { id }: Tenant, since: number, warnings: readonly string[]) {
  const { from, byRule, changes, outcomes, moves, ...figures } = found;
  return {
    ...figures,
    tenant: id,
    since: rfc3339(since),
    from: from === null ? null : rfc3339(from),
    outcomes: { ...outcomes },
    moves: { ...moves },
    rules: [...byRule].map(([rule, tally]) => ruleLine(rule, tally)),
    changes: changes.slice(0, TOLD_MAX).map(changeLine),
    warnings: [...warnings],
  };
}

function ruleLine(rule: string, { first, ...tally }: RuleTally) {
  return { ...tally, rule, first: [...first] };
}

function changeLine({ mail, recipient, before, after }: DecisionChange) {
  return {
    ...{ mail, recipient },
    before: { kind: before.kind, rule: before.rule },
    after: { kind: after.kind, rule: after.rule },
  };
}

function rfc3339(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+00:00');
}
