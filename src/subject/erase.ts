/**
 * A person is erased (GDPR Art. 17): what is left of them is counted, and what may go goes, place by place. Killed at any step it is asked for again
 * and finds what is left: what it does stands in the keepers alone.
 *
 * What is not erased is said with its reason and its end (`FATES`); it begins only when no resource names them any more, so that nothing new comes
 * to be meanwhile.
 */
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { parseMailAddress } from '#/codec/smtp/index.ts';
import { addressKey, type Call, Mention, type TenantId } from '#/model/index.ts';
import {
  type Campaigns,
  type Clock,
  type Correspondents,
  type Decisions,
  type DirectorySource,
  type Downloads,
  type ErasedPerson,
  type IncidentBook,
  type NameErasure,
  type Operation,
  operation,
  type PastMails,
  type PersonHash,
  Refusal,
} from '#/ports/index.ts';
import { ERASED_TOGETHER_MAX, FACTS_AT_ONCE } from './limits.ts';
import type { Person } from './person.ts';
import type { Place, PlacePage } from './place.ts';

export interface ErasureParts {
  readonly names: NameErasure;
  readonly decisions: Pick<Decisions, 'erase'>;
  readonly correspondents: Pick<Correspondents, 'erase'>;
  /** What stands for a person among correspondents. */
  readonly personHash: (tenant: TenantId, address: string) => PersonHash;
  readonly incidents: Pick<IncidentBook, 'eraseTold'>;
  readonly downloads: Pick<Downloads, 'erase'>;
  readonly campaigns: Pick<Campaigns, 'erase'>;
  readonly past: Pick<PastMails, 'drop'>;
  readonly directory: DirectorySource;
  readonly clock: Pick<Clock, 'now'>;
  /** Of pseudonyms alone; made when it is first needed. */
  readonly key: () => Buffer;
}

type Fate = { readonly isErased: boolean; readonly why: string };

/** By the name of the place; what is no place is in `left-out.ts`. */
const FATES: Readonly<Record<string, Fate>> = {
  'audit-log': { isErased: true, why: 'A pseudonym stands in their place; the chain still proves itself.' },
  'resource-changes': { isErased: true, why: 'A pseudonym stands in their place.' },
  'rule-changes': { isErased: true, why: 'A pseudonym stands in their place.' },
  usage: { isErased: true, why: 'Forgotten.' },
  'held-decisions': { isErased: true, why: 'Forgotten.' },
  subscriptions: { isErased: true, why: 'Forgotten.' },
  'incident-letters': { isErased: true, why: 'What was sent keeps a pseudonym, what was not is forgotten.' },
  mail: {
    isErased: false,
    why: 'It goes by itself: live mail when it ends, its history after retention.journal. It proves what became of others’ mail.',
  },
  downloads: {
    isErased: true,
    why: 'Of what has ended a pseudonym stands in their place; the rest is kept until it ends: "holdfast download revoke" ends it.',
  },
  'inspection-facts': { isErased: true, why: 'All facts of a tenant’s mail among which they are named are forgotten.' },
  people: {
    isErased: false,
    why: 'It is what the source of the directory says: take them out there, and have it loaded again. Earlier generations go by themselves.',
  },
  'pushed-people': { isErased: false, why: 'The program that pushes them takes them away: remove them there.' },
  incidents: {
    isErased: false,
    why: 'What was published of an incident is never changed: it proves what people were told.',
  },
  campaigns: { isErased: true, why: 'A pseudonym stands in their place.' },
};

export function eraseOperation(places: readonly Place[], parts: ErasureParts): Operation {
  return operation({
    name: 'subject.erase',
    summary:
      'Erases a person from what names them, or, dry, counts what would be: places with their records, what is kept of them and why.',
    scope: 'operator',
    reads: false,
    input: z.strictObject({
      addresses: z.array(z.string().max(320)).min(1).max(ERASED_TOGETHER_MAX),
      reason: z.string().trim().min(1).max(200),
      dryRun: z.boolean().default(false),
    }),
    output: z.object({
      pseudonym: z.string(),
      places: z.array(z.object({ place: z.string(), records: z.int(), isErased: z.boolean(), why: z.string() })),
      /** Pairs of keyed hashes; null in a dry run, which can’t count them. */
      correspondents: z.int().nullable(),
    }),
    subject: ({ addresses, dryRun }) => (dryRun ? null : addresses.join(' ')),
    async handle({ addresses: given, dryRun }, { by, call }) {
      const person = personIn(given);
      const { addresses } = person;
      const erased: ErasedPerson = { addresses, pseudonym: pseudonymOf(addresses[0] ?? '', parts.key()) };
      await refuseNamed(places, person, call);
      const counts: { place: string; records: number; isErased: boolean; why: string }[] = [];
      for (const place of places) {
        const fate = FATES[place.name];
        if (fate === undefined) continue;
        counts.push({ place: place.name, records: await countIn(place, person, call), ...fate });
      }
      if (!dryRun) await forgetFacts(places, person, parts, call);
      const correspondents = dryRun ? null : await erase(erased, by, parts, call);
      return { pseudonym: erased.pseudonym, places: counts, correspondents };
    },
  });
}

function personIn(given: readonly string[]): Person {
  const addresses = given.map((text) => {
    const address = parseMailAddress(text.trim());
    if (address === null) throw new Refusal(2, `"${text}" is no mail address.`);
    return addressKey(address);
  });
  return { addresses: [...new Set(addresses)], tenant: null, mention: new Mention(addresses) };
}

/** Resources have their own way in, and who is in them would be written down again with the next change. */
async function refuseNamed(places: readonly Place[], person: Person, call: Call): Promise<void> {
  const account = places.find(({ name }) => name === 'account');
  const { records = [] } = (await account?.page(person, null, call)) ?? {};
  if (records.length === 0) return;
  const named = (records as readonly { readonly tenant?: unknown; readonly kind?: unknown }[])
    .slice(0, 5)
    .map(({ tenant, kind }) => `${String(tenant)} (${String(kind)})`);
  throw new Refusal(
    1,
    `Resources still name them: ${named.join(', ')}. Take them out first ("holdfast apply --prune"), so that nothing new comes to be; "holdfast subject export" shows where.`,
  );
}

async function countIn(place: Place, person: Person, call: Call): Promise<number> {
  let count = 0;
  for (let after: string | null = null, isFirst = true; isFirst || after !== null; isFirst = false) {
    const { records, next } = await place.page(person, after, call);
    count += records.length;
    after = next;
  }
  return count;
}

async function erase(person: ErasedPerson, by: string, parts: ErasureParts, call: Call): Promise<number> {
  const { names, decisions, correspondents, personHash, incidents, downloads, campaigns, directory, clock } = parts;
  await incidents.eraseTold(person, call);
  await downloads.erase(person, call);
  await campaigns.erase(person, call);
  let pairs = 0;
  for (const address of person.addresses) {
    await decisions.erase(address, call);
    for (const { id } of directory.current().tenants)
      pairs += await correspondents.erase(id, personHash(id, address), call);
  }
  // Last: the entry of this very act names them too.
  for (let more = true; more; ) ({ more } = await names.eraseNames(person, { at: clock.now(), by }, call));
  return pairs;
}

/** They are for dry runs alone, and can't be changed one by one. */
async function forgetFacts(
  places: readonly Place[],
  person: Person,
  { past }: ErasureParts,
  call: Call,
): Promise<void> {
  const facts = places.find(({ name }) => name === 'inspection-facts');
  const tenants = new Set<TenantId>();
  for (let after: string | null = null, isFirst = true; isFirst || after !== null; isFirst = false) {
    const page: PlacePage | undefined = await facts?.page(person, after, call);
    for (const { tenant } of (page?.records ?? []) as readonly { readonly tenant: TenantId }[]) tenants.add(tenant);
    after = page?.next ?? null;
  }
  for (const tenant of tenants) {
    while ((await past.drop(tenant, FACTS_AT_ONCE, call)) > 0);
  }
}

/** The same one whenever they are erased; nobody without the key can try out whose it is. */
function pseudonymOf(address: string, key: Buffer): string {
  const hash = createHmac('sha256', key).update(address).digest('hex');
  return `erased-${hash.slice(0, 16)}@erased.invalid`;
}
