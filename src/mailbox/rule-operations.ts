/** What administrators do with somebody's rules: look, replace, and ask what they would do with a mail (ports/operation.ts). */
import { z } from 'zod';
import { readMessage } from '#/codec/mime/index.ts';
import { parseMailAddress } from '#/codec/smtp/index.ts';
import type { MailAddress, TenantId } from '#/model/index.ts';
import { type Operation, operation, Refusal } from '#/ports/index.ts';
import { accountOf, type OperationParts } from './operation-parts.ts';
import {
  compileRules,
  decide,
  type MailForRules,
  MailTexts,
  type Plan,
  RuleFacts,
  type RulesDocument,
  readRules,
} from './rules/index.ts';

export function ruleOperations(parts: OperationParts): readonly Operation[] {
  return [show(parts), set(parts), test(parts)];
}

/** Octets of a mail that is tried, in base64: what a person tries is no film. */
const TRIED_MAX = 4 * 1024 * 1024;

const whose = { address: z.string().min(3).max(320), tenant: z.string().optional() };
const shownRules = z.record(z.string(), z.unknown()).nullable();

function show({ rules, ...parts }: OperationParts): Operation {
  return operation({
    name: 'mailbox.rules',
    summary: 'The rules and the absence of one account; null where there are none.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject(whose),
    output: shownRules,
    handle: async (input, { call }) => (await rules.of(accountOf(input, { rules, ...parts }), call))?.document ?? null,
  });
}

function set(parts: OperationParts): Operation {
  return operation({
    name: 'mailbox.set-rules',
    summary: 'Replaces the rules and the absence of one account; null takes them away. All mistakes are told at once.',
    scope: 'tenant',
    reads: false,
    input: z.strictObject({ ...whose, rules: z.unknown() }),
    output: shownRules,
    subject: ({ address }) => address,
    async handle(input, { call }) {
      const account = accountOf(input, parts);
      const rules = input.rules === null ? null : understood(input.rules, account.tenant, parts);
      await parts.rules.set(account, rules, call);
      return rules;
    },
  });
}

function test(parts: OperationParts): Operation {
  return operation({
    name: 'mailbox.test-rules',
    summary: 'Says what the rules of one account, or these ones, would do with a mail. Nothing is done.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject({
      ...whose,
      /** In place of those that the account has. */
      rules: z.unknown().optional(),
      /** The mail in wire form, base64. */
      mail: z.base64().max(TRIED_MAX),
      sender: z.string().max(320).nullable(),
    }),
    output: z.object({
      kept: z.boolean(),
      mailbox: z.string().nullable(),
      flags: z.array(z.string()),
      forwards: z.array(z.string()),
      answered: z.string().nullable(),
      rules: z.array(z.string()),
      wayEnded: z.string().nullable(),
    }),
    async handle(input, { call }) {
      const account = accountOf(input, parts);
      const given = input.rules === undefined ? null : compileRules(understood(input.rules, account.tenant, parts));
      const rules = given ?? (await parts.rules.of(account, call)) ?? NO_RULES;
      const directory = parts.directory.current();
      const own = [account.address, ...(directory.user(account.address)?.user.aliases ?? [])];
      const envelope = { sender: senderOf(input.sender), own, original: null, directory };
      return told(decide(rules, tried(input.mail, envelope), parts.now()));
    },
  });
}

const NO_RULES = compileRules({ rules: [] });

function tried(base64: string, envelope: Pick<MailForRules, 'sender' | 'own' | 'original' | 'directory'>): RuleFacts {
  const content = Buffer.from(base64, 'base64');
  const texts = new MailTexts(content, readMessage(content));
  return new RuleFacts({ ...envelope, texts, size: content.length, hops: texts.count('received') });
}

function told({ keep, forwards, answer, by, wayEnded }: Plan) {
  return {
    kept: keep !== null,
    mailbox: keep?.into ?? null,
    flags: [...(keep?.flags ?? [])],
    forwards: [...forwards],
    answered: answer?.to ?? null,
    rules: [...by],
    wayEnded,
  };
}

function senderOf(text: string | null): MailAddress | null {
  if (text === null || text === '' || text === '<>') return null;
  const sender = parseMailAddress(text.replace(/^<|>$/g, ''));
  if (sender === null)
    throw new Refusal(2, `"${text}" is no mail address. Write alice@example.test, or <> for a bounce.`);
  return sender;
}

/** Exit 2 with every mistake; times in the tenant's zone become moments. */
function understood(given: unknown, tenant: TenantId, parts: OperationParts): RulesDocument {
  const read = readRules(withMoments(given, (text, isEnd) => momentOf(text, isEnd, tenant, parts)));
  if (read.kind === 'rules') return read.rules;
  throw new Refusal(2, `The rules are not taken:\n${read.mistakes.map((mistake) => `  ${mistake}`).join('\n')}`);
}

function withMoments(given: unknown, read: (text: string, isEnd: boolean) => string): unknown {
  if (typeof given !== 'object' || given === null || !('vacation' in given)) return given;
  const { vacation } = given;
  if (typeof vacation !== 'object' || vacation === null) return given;
  const times = Object.entries(vacation).map(([key, value]) => {
    const isTime = (key === 'from' || key === 'until') && typeof value === 'string';
    return [key, isTime ? read(value, key === 'until') : value];
  });
  return { ...given, vacation: Object.fromEntries(times) };
}

/** A day without an hour is meant whole. What is no time is told with the other mistakes. */
function momentOf(text: string, isEnd: boolean, tenant: TenantId, { timeOf }: OperationParts): string {
  const day = /^\d{4}-\d\d-\d\d$/.test(text);
  try {
    const whole = day && isEnd ? Temporal.PlainDate.from(text).add({ days: 1 }).toString() : text;
    return new Date(timeOf(whole, tenant)).toISOString();
  } catch {
    return text;
  }
}
