/** What people do for somebody who asks what is kept of them (ports/operation.ts). */
import { z } from 'zod';
import { parseMailAddress } from '#/codec/smtp/index.ts';
import type { TenantId } from '#/model/index.ts';
import { type DirectorySource, type Operation, operation, Refusal } from '#/ports/index.ts';
import { type ErasureParts, eraseOperation } from './erase.ts';
import { LEFT_OUT, LEFT_OUT_FOR_TENANTS } from './left-out.ts';
import { type MailPlaceParts, mailPlaces } from './mail-places.ts';
import { peoplePlace } from './people-place.ts';
import { personOf } from './person.ts';
import type { Place } from './place.ts';
import { pushedPlace } from './pushed-place.ts';
import { resourcePlaces } from './resource-places.ts';
import { type SharedPlaceParts, sharedPlaces } from './shared-places.ts';

export type SubjectParts = Omit<MailPlaceParts, 'tenants'> &
  SharedPlaceParts &
  ErasureParts & {
    readonly registry: Parameters<typeof resourcePlaces>[0];
    readonly generations: Parameters<typeof peoplePlace>[0];
    readonly pushes: Parameters<typeof pushedPlace>[0];
  };

/** All of them. */
export function subjectOperations(parts: SubjectParts): readonly Operation[] {
  const tenants = (): readonly TenantId[] => parts.directory.current().tenants.map(({ id }) => id);
  const places = [
    ...resourcePlaces(parts.registry),
    peoplePlace(parts.generations, tenants),
    pushedPlace(parts.pushes, tenants),
    ...mailPlaces({ ...parts, tenants }),
    ...sharedPlaces(parts),
  ];
  return [exported(places, parts.directory), eraseOperation(places, parts)];
}

const leftOut = z.object({ what: z.string(), why: z.string() });

function exported(places: readonly Place[], directory: DirectorySource): Operation {
  return operation({
    name: 'subject.export',
    summary:
      'All records that name a person, a page at a time: ask again with `next` as `after` until it is null; administrators have those of their tenant.',
    scope: 'tenant',
    // It reads, and gives away what is kept of somebody: the audit log has it.
    reads: false,
    input: z.strictObject({
      address: z.string().max(320),
      tenant: z.string().optional(),
      /** `next` of the page before. */
      after: z.string().max(500).nullable().default(null),
    }),
    output: z.object({
      addresses: z.array(z.string()),
      /** Whose page it is: every place comes, those without a record too. */
      place: z.string(),
      about: z.string(),
      records: z.array(z.record(z.string(), z.unknown())),
      /** Older records of this place may not have been looked at. */
      isCut: z.boolean(),
      next: z.string().nullable(),
      /** What is in no place, and why. */
      leftOut: z.array(leftOut),
    }),
    subject: ({ address, after }) => (after === null ? address : null),
    async handle({ address: given, tenant, after }, { call }) {
      const address = parseMailAddress(given.trim());
      if (address === null) throw new Refusal(2, `"${given}" is no mail address. Give the address of the person.`);
      const own = (tenant ?? null) as TenantId | null;
      const person = personOf(address, own, directory.current());
      const readable = places.filter(({ isShared }) => own === null || !isShared);
      const [name, behind] = cursorIn(after);
      const at = name === null ? 0 : readable.findIndex((place) => place.name === name);
      const place = readable[at];
      if (place === undefined) throw new Refusal(2, 'This is no page of an export: begin with the first one.');
      const page = await place.page(person, behind, call);
      const following = readable[at + 1];
      const next = page.next !== null ? `${place.name}:${page.next}` : following === undefined ? null : following.name;
      return {
        ...{ addresses: [...person.addresses], place: place.name, about: place.about, next },
        records: page.records.map((record) => ({ ...record })),
        isCut: page.isCut ?? false,
        leftOut: own === null ? [...LEFT_OUT] : [...LEFT_OUT, ...LEFT_OUT_FOR_TENANTS],
      };
    },
  });
}

/** `PLACE`, or `PLACE:CURSOR` within one. */
function cursorIn(after: string | null): readonly [place: string | null, behind: string | null] {
  if (after === null) return [null, null];
  const colon = after.indexOf(':');
  return colon < 0 ? [after, null] : [after.slice(0, colon), after.slice(colon + 1)];
}
