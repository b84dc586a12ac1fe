/**
 * What senders and administrators do with downloads (ports/operation.ts), also when the mail has long gone. `as` is who acts; nobody named is the
 * operator. A link's token is in no answer: it is its recipient's.
 */
import { z } from 'zod';
import { parseDuration } from '#/codec/forms/index.ts';
import { addressKey, type MailAddress, type MailId, type ShareId, type TenantId } from '#/model/index.ts';
import {
  type Clock,
  type DirectorySource,
  type Downloads,
  LINK_EVENTS,
  type LinkAct,
  type Operation,
  type OperationContext,
  operation,
  Refusal,
  type Share,
  type ShareFilter,
} from '#/ports/index.ts';
import { type Actor, actorOf, type Person, personKey } from '../actor.ts';
import { EVENTS_SHOWN, EXTEND_MS_MAX, SHARES_MAX } from './limits.ts';

export interface DownloadOperationParts {
  readonly downloads: Pick<Downloads, 'list' | 'show' | 'events' | 'act' | 'note'>;
  readonly directory: DirectorySource;
  readonly clock: Clock;
}

const who = {
  /** The address of the person who acts; of a person who signed in always their own. */
  as: z.string().max(320).optional(),
  tenant: z.string().optional(),
};
const at = z.string().nullable();

const share = z.object({
  id: z.string(),
  tenant: z.string(),
  /** The mail that the files were cut out of. */
  message: z.string(),
  owner: z.string().nullable(),
  subject: z.string(),
  madeAt: z.string(),
  proof: z.enum(['code', 'password', 'none']),
  /** Of each file, for each recipient. */
  downloads: z.int(),
  files: z.array(z.object({ n: z.int(), name: z.string(), bytes: z.int() })),
  links: z.array(
    z.object({
      recipient: z.string(),
      /** `waiting` for its mail to go. */
      state: z.enum(['waiting', 'open', 'locked', 'expired', 'revoked', 'never sent']),
      sentAt: at,
      expiresAt: at,
      endedAt: at,
      /** Of all files. */
      downloads: z.int(),
    }),
  ),
});

const shown = share.extend({
  /** Oldest first. */
  log: z.array(
    z.object({
      at: z.string(),
      recipient: z.string().nullable(),
      kind: z.enum(LINK_EVENTS),
      file: z.string().nullable(),
      /** Address of the client, or who acted. */
      by: z.string(),
    }),
  ),
});

/** All operations on downloads. */
export function downloadOperations(parts: DownloadOperationParts): readonly Operation[] {
  return [list(parts), show(parts), ...ACTS.map((one) => act(one, parts))];
}

function list(parts: DownloadOperationParts): Operation {
  return operation({
    name: 'download.list',
    summary:
      'Files of sent mail that can be downloaded, newest first: one’s own, or those of a tenant for its administrators.',
    scope: 'person',
    reads: true,
    input: z.strictObject({
      ...who,
      /** Those cut out of this mail alone. */
      message: z.string().optional(),
      limit: z.int().min(1).max(SHARES_MAX).default(50),
      after: z.string().nullable().default(null),
    }),
    output: z.object({ shares: z.array(share), next: z.string().nullable() }),
    async handle({ message, limit, after, ...input }, { by, call }) {
      const actor = actorOf(input.as, by, parts.directory.current());
      const filter: ShareFilter = {
        ...scopeOf(actor, input.tenant, parts),
        ...(message === undefined ? {} : { message: message.toUpperCase() as MailId }),
      };
      const found = await parts.downloads.list(filter, after as ShareId | null, limit, call);
      return { shares: found.map(view), next: found.length < limit ? null : (found.at(-1)?.id ?? null) };
    },
  });
}

function show(parts: DownloadOperationParts): Operation {
  return operation({
    name: 'download.show',
    summary: 'One share: its files, its recipients, how often they fetched, and its access log.',
    scope: 'person',
    reads: true,
    input: z.strictObject({ ...who, id: z.string() }),
    output: shown,
    async handle({ id, ...input }, context) {
      const found = await visible(id, input, parts, context);
      const events = await parts.downloads.events(found.id, EVENTS_SHOWN, context.call);
      const nameOf = (n: number | null) => found.files.find((file) => file.n === n)?.name ?? null;
      const recipientOf = (n: number | null) => found.links.find((link) => link.n === n)?.address ?? null;
      const log = events.map((event) => ({
        at: timeOf(event.at),
        recipient: recipientOf(event.n),
        kind: event.kind,
        file: nameOf(event.file),
        by: event.by,
      }));
      return { ...view(found), log };
    },
  });
}

interface Act {
  readonly verb: 'lock' | 'unlock' | 'extend' | 'revoke';
  readonly summary: string;
  readonly done: 'locked' | 'unlocked' | 'extended' | 'revoked';
  readonly none: string;
}

const ACTS: readonly Act[] = [
  {
    verb: 'lock',
    summary: 'Nothing can be fetched until it is unlocked; nothing is lost.',
    done: 'locked',
    none: 'Its links have ended.',
  },
  {
    verb: 'unlock',
    summary: 'What was locked, by a person or by too many wrong codes, can be fetched again.',
    done: 'unlocked',
    none: 'Its links have ended.',
  },
  {
    verb: 'extend',
    summary: 'Gives open links another end.',
    done: 'extended',
    none: 'None of its links is open: the time of a link begins when its mail is delivered, and what has ended stays so.',
  },
  {
    verb: 'revoke',
    summary: 'Ends links for good, also after their mail has gone; files that no link leads to any more are deleted.',
    done: 'revoked',
    none: 'Its links have ended already.',
  },
];

function act({ verb, summary, done, none }: Act, parts: DownloadOperationParts): Operation {
  return operation({
    name: `download.${verb}`,
    summary,
    scope: 'person',
    reads: false,
    input: z.strictObject({
      ...who,
      id: z.string(),
      /** One recipient’s link; all where nobody is named. */
      recipient: z.string().max(320).optional(),
      /** A time, RFC 3339 with offset, or a duration from now such as 5d. */
      ...(verb === 'extend' ? { until: z.string().max(40) } : {}),
    }),
    output: z.object({ id: z.string(), links: z.int() }),
    subject: ({ id, recipient, as }) => [id, recipient, as && `as ${as}`].filter(Boolean).join(' '),
    async handle(input, context) {
      const { id, recipient, as, tenant } = input;
      const found = await visible(id, { as, tenant }, parts, context);
      const n = recipient === undefined ? null : numberOf(found, recipient);
      const now = parts.clock.now();
      const links = await parts.downloads.act(found.id, n, actOf(verb, input, now), context.call);
      if (links === 0) throw new Refusal(1, `Nothing was changed. ${none}`);
      const { by } = actorOf(as, context.by, parts.directory.current());
      await parts.downloads.note({ share: found.id, n, at: now, kind: done, file: null, by }, context.call);
      return { id: found.id, links };
    },
  });
}

function actOf(verb: Act['verb'], input: object, now: number): LinkAct {
  if (verb === 'revoke') return { kind: 'revoke', at: now };
  if (verb !== 'extend') return { kind: verb };
  const until = timeNamed('until' in input ? String(input.until) : '', now);
  if (Number.isNaN(until)) throw new Refusal(2, 'Say until when: as 5d, or as 2026-12-24T18:00:00+09:00.');
  if (until <= now) throw new Refusal(2, 'That time is past. Name one to come, or revoke it.');
  if (until > now + EXTEND_MS_MAX) throw new Refusal(2, 'That is more than a year from now.');
  return { kind: 'extend', until };
}

/** NaN for what is neither a duration nor a time with its offset. */
function timeNamed(text: string, now: number): number {
  const ms = parseDuration(text);
  if (ms !== null) return now + ms;
  return z.iso.datetime({ offset: true }).safeParse(text).success ? Date.parse(text) : Number.NaN;
}

function numberOf(found: Share, recipient: string): number {
  const key = addressKey(recipient);
  const link = found.links.find(({ address }) => addressKey(address) === key);
  if (link !== undefined) return link.n;
  throw new Refusal(1, `${recipient} has no link to ${found.id}. "holdfast download show ${found.id}" lists who has.`);
}

/** Of whom one may see shares: an administrator of a tenant of all in it, others of themselves. */
function scopeOf(actor: Actor, tenant: string | undefined, { directory }: DownloadOperationParts): ShareFilter {
  if (actor.kind === 'operator') return tenant === undefined ? {} : { tenant: tenant as TenantId };
  if (tenant !== undefined && tenant !== actor.tenant) return { tenant: actor.tenant, owners: [] };
  if (actor.isAdmin) return { tenant: actor.tenant };
  return { tenant: actor.tenant, owners: addressesOf(actor, directory) };
}

function addressesOf({ address }: Person, directory: DirectorySource): readonly string[] {
  const user = directory.current().user(address)?.user;
  return [address, ...(user?.aliases ?? [])];
}

/** What this actor may not see is not there for them. */
async function visible(
  id: string,
  { as, tenant }: { readonly as?: string | undefined; readonly tenant?: string | undefined },
  parts: DownloadOperationParts,
  { by, call }: OperationContext,
): Promise<Share> {
  const directory = parts.directory.current();
  const actor = actorOf(as, by, directory);
  const found = await parts.downloads.show(nameOf(id), call);
  const isSeen =
    found !== null &&
    (tenant === undefined || tenant === found.tenant) &&
    (actor.kind === 'operator' ||
      (actor.tenant === found.tenant && (actor.isAdmin || isOwn(found.owner, actor, parts))));
  if (isSeen) return found;
  throw new Refusal(1, `There is no download ${id}. "holdfast download list" shows those that there are.`);
}

function isOwn(owner: MailAddress | null, { address }: Person, { directory }: DownloadOperationParts): boolean {
  return owner !== null && personKey(owner, directory.current()) === addressKey(address);
}

/** IDs of mails are read in any case. */
function nameOf(id: string): ShareId {
  const [message = '', rest = ''] = id.split('.', 2);
  return `${message.toUpperCase()}.${rest.toLowerCase()}` as ShareId;
}

function view(one: Share): z.input<typeof share> {
  const { id, tenant, message, owner, subject, proof, downloads, madeAt, files, links } = one;
  return {
    ...{ id, tenant, message, owner, subject, proof, downloads },
    madeAt: timeOf(madeAt),
    files: [...files],
    links: links.map((link) => ({
      recipient: link.address,
      state: link.reason !== '' ? link.reason : link.locked ? 'locked' : link.state === 'open' ? 'open' : 'waiting',
      sentAt: timeOrNull(link.sentAt),
      expiresAt: timeOrNull(link.expiresAt),
      endedAt: timeOrNull(link.endedAt),
      downloads: [...link.taken.values()].reduce((sum, taken) => sum + taken, 0),
    })),
  };
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : timeOf(ms);
}
