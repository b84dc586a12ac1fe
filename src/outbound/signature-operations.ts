/** What people ask about signatures (ports/operation.ts): how one looks for a person, and which one a mail would get, and why (C1). */
import { z } from 'zod';
import { suggestion } from '#/codec/forms/index.ts';
import { firstFrom, headerValues, parseAddresses, readHeaders } from '#/codec/mime/index.ts';
import { parseMailAddress } from '#/codec/smtp/index.ts';
import type { Identity, MailAddress, TenantId } from '#/model/index.ts';
import { domainOf } from '#/model/index.ts';
import {
  type Clock,
  type DirectorySource,
  type Operation,
  operation,
  type PeopleGenerations,
  Refusal,
} from '#/ports/index.ts';
import { chooseSignatures, readLetter, renderSignature } from '#/signature/index.ts';
import { filling, letterOf, type SignableLetter, SignatureBook, type TenantSignatures } from './signature-book.ts';

export interface SignatureParts {
  readonly directory: DirectorySource;
  readonly people: PeopleGenerations;
  readonly clock: Pick<Clock, 'now'>;
}

const ADDRESS_CHARS = 320;
/** A mail in base64; larger ones are cut by whoever asks, for their text stands at the begin. */
const MAIL_CHARS = 6_000_000;
const RECIPIENTS_MAX = 100;

/** All of them. */
export function signatureOperations(parts: SignatureParts): readonly Operation[] {
  return [preview(parts), explain(parts)];
}

const wording = z.object({ en: z.string(), ja: z.string() });

function preview({ directory, people, clock }: SignatureParts): Operation {
  return operation({
    name: 'signature.preview',
    summary: 'How the signatures of a tenant look for one person, whichever mail they are for.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject({
      tenant: z.string(),
      address: z.string().max(ADDRESS_CHARS),
      name: z.string().nullable().default(null),
    }),
    output: z.object({
      generation: z.string(),
      signatures: z.array(
        z.object({ rule: z.string(), html: z.string(), text: z.string(), images: z.array(z.string()) }),
      ),
    }),
    async handle({ tenant, address, name }, { call }) {
      const found = signaturesOf(directory, tenant);
      const generation = await people.current(tenant as TenantId, call);
      const person = generation.person(address);
      if (person === null) throw new Refusal(1, `${address} is none of the people of ${tenant}.`);
      const rules = found.rules.filter((rule) => name === null || rule.name === name);
      if (rules.length === 0) throw new Refusal(1, missing(name, found));
      const day = new Date(clock.now()).toISOString().slice(0, 10);
      const letter = await filling(person, { tenant: tenant as TenantId, day }, { generation, people }, call);
      return {
        generation: generation.id,
        signatures: rules.map((rule) => {
          const { html, text, images } = filledIn(rule, letter, person.address);
          return { rule: rule.name, html, text, images: images.map((image) => image.name) };
        }),
      };
    },
  });
}

function filledIn(
  rule: TenantSignatures['rules'][number],
  { values, photo }: Pick<SignableLetter, 'values' | 'photo'>,
  address: string,
) {
  try {
    return renderSignature(rule, values, photo);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal(1, `The signature ${rule.name} can't be filled in for ${address}: ${why}.`);
  }
}

function explain({ directory, people, clock }: SignatureParts): Operation {
  return operation({
    name: 'signature.explain',
    summary:
      'Which signatures a mail would get, for each recipient, and what each rule says and why. Nothing is sent or kept.',
    scope: 'tenant',
    reads: true,
    input: z.strictObject({
      tenant: z.string(),
      /** The mail, in base64. */
      mail: z.string().max(MAIL_CHARS),
      from: z.string().max(ADDRESS_CHARS).nullable().default(null),
      to: z.array(z.string().max(ADDRESS_CHARS)).max(RECIPIENTS_MAX).default([]),
    }),
    output: z.object({
      generation: z.string(),
      /** Why no rule is asked; null where they are. */
      untouched: wording.nullable(),
      recipients: z.array(
        z.object({
          address: z.string(),
          direction: z.enum(['outbound', 'internal']),
          signatures: z.array(z.string()),
          rules: z.array(z.object({ rule: z.string(), holds: z.boolean(), why: wording })),
          /** Why it would leave as it is, though rules hold; null where it would be signed, or none holds. */
          unchanged: wording.nullable(),
          /** As it would leave, in base64; null where it would be as it is. */
          mail: z.string().nullable(),
        }),
      ),
    }),
    async handle({ tenant, mail, from, to }, { call }) {
      const found = signaturesOf(directory, tenant);
      const content = Buffer.from(mail, 'base64');
      const read = readLetter(content);
      const head = readHeaders([content]);
      const sender = parseMailAddress(from ?? firstFrom(head)?.address ?? '');
      if (sender === null) throw new Refusal(2, 'The mail names no sender. Say from whom it is.');
      const identity: Identity = { kind: 'user', tenant: tenant as TenantId, name: sender };
      const generation = await people.current(tenant as TenantId, call);
      const origin = { tenant: tenant as TenantId, identity, sender, at: clock.now() };
      const letter = await letterOf(content, read, origin, { signatures: found, generation, people }, call);
      const recipients = to.length > 0 ? to.map(addressed) : named(head);
      return {
        generation: generation.id,
        untouched: read.untouched,
        recipients: recipients.slice(0, RECIPIENTS_MAX).map((address) => {
          const direction = found.directory.isOwn(domainOf(address)) ? ('internal' as const) : ('outbound' as const);
          const { rules, opinions } = chooseSignatures(letter, { address, direction }, found.rules);
          const signed = read.sign(rules.map((rule) => filledIn(rule, letter, sender)));
          return {
            address,
            direction,
            signatures: rules.map(({ name }) => name),
            rules: [...opinions],
            unchanged: rules.length > 0 && signed.kind === 'unchanged' ? signed.why : null,
            mail: signed.kind === 'signed' ? Buffer.concat(signed.chunks).toString('base64') : null,
          };
        }),
      };
    },
  });
}

function signaturesOf(directory: DirectorySource, tenant: string): TenantSignatures {
  if (directory.current().tenant(tenant as TenantId) === undefined)
    throw new Refusal(1, `There is no tenant ${tenant}.`);
  const found = new SignatureBook(directory, (_, why) => {
    throw new Refusal(
      2,
      `The signatures of ${tenant} can't be read by this release (${why}). Apply a file with them again.`,
    );
  }).of(tenant as TenantId);
  if (found === null)
    throw new Refusal(1, `${tenant} has no signatures. "holdfast apply" takes them, below the tenant.`);
  return found;
}

/** Whom To and Cc name. */
function named(head: ReturnType<typeof readHeaders>): readonly MailAddress[] {
  const lists = ['to', 'cc'].flatMap((name) => headerValues(head, name));
  return lists
    .flatMap((list) => parseAddresses(list))
    .flatMap(({ mailbox, host }) => parseMailAddress(`${mailbox}@${host}`) ?? []);
}

function missing(name: string | null, { rules }: TenantSignatures): string {
  const names = rules.map((rule) => rule.name);
  return name === null ? 'All signatures are disabled.' : `There is no signature ${name}: ${suggestion(name, names)}`;
}

function addressed(text: string): MailAddress {
  const address = parseMailAddress(text);
  if (address === null) throw new Refusal(2, `'${text}' is no address: write it as name@domain.`);
  return address;
}
