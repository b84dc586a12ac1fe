/**
 * SCIM 2.0 for programs that push people (RFC 7644): Entra ID, Okta and others. What they push goes into an open set; mail sees it when a generation was cut of
 * it, whole, and looked at (`round.ts`).
 *
 * What must never happen: a request of one tenant that reaches another's; half a change of a resource; a list that is cut without a word.
 */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  attributeOf,
  GROUP,
  isList,
  isObject,
  type Json,
  type JsonObject,
  matches,
  type PatchOperation,
  parseFilter,
  patched,
  patchOperations,
  ScimError,
  USER,
  withValue,
  wordOf,
} from '#/codec/scim/index.ts';
import { type Call, type TenantId, within } from '#/model/index.ts';
import {
  type Clock,
  type DirectorySource,
  MEMBERS_PER_CALL,
  type PeoplePushes,
  type Pushed,
  type PushedFilter,
  type PushedKind,
} from '#/ports/index.ts';
import { providerConfig, resourceTypes, schemas } from './discovery.ts';
import { MEMBERS_MAX, MOST, PAGE, PAGE_MAX, REQUEST_MS, RESOURCE_CHARS_MAX, SCANNED_MAX, TRIES } from './limits.ts';
import { textAt } from './mapping.ts';

export interface ScimParts {
  readonly pushes: PeoplePushes;
  readonly directory: DirectorySource;
  readonly clock: Pick<Clock, 'now'>;
}

export interface ScimRequest {
  readonly method: string;
  /** Behind the base: `Users`, or `Users` and an id. */
  readonly path: readonly string[];
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly authorization: string | undefined;
  readonly ifMatch: string | undefined;
  /** JSON as it came. */
  readonly body: string;
  /** Where we are reached, without a slash at the end: for the addresses of resources. */
  readonly base: string;
}

export interface ScimAnswer {
  readonly status: number;
  /** Null: none. */
  readonly body: JsonObject | null;
  readonly etag: string | null;
  readonly location: string | null;
}

const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';
const SECRET_OCTETS = 32;
const KINDS: Readonly<Record<string, PushedKind>> = { users: 'User', groups: 'Group' };

/** Makes the token by which a program pushes for a tenant; the one before is of no use from then on. It is shown once. */
export async function makeScimToken(
  { pushes, clock }: Pick<ScimParts, 'pushes' | 'clock'>,
  tenant: TenantId,
  by: string,
  call: Call,
): Promise<string> {
  const secret = randomBytes(SECRET_OCTETS).toString('base64url');
  await pushes.allow(tenant, hash('sha256', secret, 'hex'), by, clock.now(), call);
  return `scim.${tenant}.${secret}`;
}

export class ScimDesk {
  readonly #parts: ScimParts;

  constructor(parts: ScimParts) {
    this.#parts = parts;
  }

  /** Rejects with faults of the store alone. */
  async answer(request: ScimRequest, signal?: AbortSignal): Promise<ScimAnswer> {
    const call = within(REQUEST_MS, signal);
    try {
      const tenant = await this.#tenantOf(request.authorization, call);
      if (tenant === null) throw new ScimError(401, null, 'The bearer token is not known here.');
      return await this.#answer(tenant, request, call);
    } catch (error) {
      if (error instanceof ScimError) return errorAnswer(error);
      throw error;
    }
  }

  async #tenantOf(header: string | undefined, call: Call): Promise<TenantId | null> {
    const [, tenant = '', secret = ''] = /^Bearer +scim\.([a-z0-9-]{1,63})\.([\w-]{43})$/i.exec(header ?? '') ?? [];
    const found = this.#parts.directory.current().tenant(tenant as TenantId);
    if (found === undefined) return null;
    const kept = await this.#parts.pushes.secretOf(found.id, call);
    if (kept === null) return null;
    return timingSafeEqual(Buffer.from(hash('sha256', secret, 'hex')), Buffer.from(kept)) ? found.id : null;
  }

  async #answer(tenant: TenantId, request: ScimRequest, call: Call): Promise<ScimAnswer> {
    const [home = '', id, ...more] = request.path;
    const kind = KINDS[home.toLowerCase()];
    if (more.length > 0) throw new ScimError(404, null, 'There is nothing here.');
    if (kind === undefined) return discovery(request);
    const work = new Resources(this.#parts, { tenant, kind, request, call });
    const { method } = request;
    if (id === undefined && method === 'GET') return work.list();
    if (id === undefined && method === 'POST') return work.create();
    if (id === undefined) throw new ScimError(405, null, `${method} is not for all of them.`);
    if (method === 'GET') return work.read(id);
    if (method === 'PUT') return work.change(id, (_now, body) => body);
    if (method === 'PATCH') return work.patch(id);
    if (method === 'DELETE') return work.remove(id);
    throw new ScimError(405, null, `${method} is not known here.`);
  }
}

interface Order {
  readonly tenant: TenantId;
  readonly kind: PushedKind;
  readonly request: ScimRequest;
  readonly call: Call;
}

/** What becomes of the members of a group. `out` null: all go. */
interface MemberChange {
  readonly out: readonly string[] | null;
  readonly in: readonly string[];
}

class Resources {
  readonly #pushes: PeoplePushes;
  readonly #now: () => number;
  readonly #order: Order;

  constructor({ pushes, clock }: ScimParts, order: Order) {
    this.#pushes = pushes;
    this.#now = () => clock.now();
    this.#order = order;
  }

  async list(): Promise<ScimAnswer> {
    const { tenant, kind, request, call } = this.#order;
    const start = Math.max(1, countIn(request.query.startindex, 1));
    const limit = Math.min(PAGE_MAX, Math.max(0, countIn(request.query.count, PAGE)));
    const { filter: text } = request.query;
    const filter = text === undefined || text.trim() === '' ? null : parseFilter(text);
    const quick = filter === null ? {} : quickOf(filter, kind);
    if (quick !== null) {
      const page = { offset: start - 1, limit };
      const { total, found } = await this.#pushes.list(tenant, kind, quick, page, call);
      return listAnswer(total, start, await this.#views(found));
    }
    const all = await this.#scan((resource) => filter !== null && matches(filter, resource));
    return listAnswer(all.length, start, await this.#views(all.slice(start - 1, start - 1 + limit)));
  }

  async create(): Promise<ScimAnswer> {
    const { kind, call } = this.#order;
    const body = bodyOf(this.#order.request);
    const now = this.#now();
    const id = crypto.randomUUID();
    const members = kind === 'Group' ? membersOf(attributeOf(body, 'members')) : [];
    const pushed = { ...this.#pushed(id, body), version: 1, createdAt: now, changedAt: now };
    const made = await this.#pushes.insert(pushed, MOST[kind], call);
    if (made === 'taken') throw new ScimError(409, 'uniqueness', 'The name is taken.');
    if (made === 'full') throw new ScimError(400, 'tooMany', `There are ${MOST[kind]} already; that is the most.`);
    await this.#changeMembers(id, { out: [], in: members });
    const answer = this.#one(pushed, await this.#view(pushed, members), 201);
    return { ...answer, location: `${this.#order.request.base}/${kind}s/${id}` };
  }

  async read(id: string): Promise<ScimAnswer> {
    const found = await this.#find(id);
    return this.#one(found, await this.#view(found), 200);
  }

  async remove(id: string): Promise<ScimAnswer> {
    const { tenant, kind, call } = this.#order;
    if (!(await this.#pushes.remove(tenant, kind, id, this.#now(), call))) throw absent(id);
    return { status: 204, body: null, etag: null, location: null };
  }

  async patch(id: string): Promise<ScimAnswer> {
    const operations = patchOperations(jsonOf(this.#order.request));
    const { plain, members } = this.#order.kind === 'Group' ? apart(operations) : { plain: operations, members: [] };
    const answer = await this.change(id, (now) => patched(now, plain), false);
    for (const change of members) await this.#changeMembers(id, change);
    // Entra ID adds hundreds of members to large groups, and reads none of them back.
    if (members.length === 0) return answer;
    const found = await this.#find(id);
    return this.#one(found, await this.#view(found), 200);
  }

  /** Puts another resource in its place; `hasMembers`: those of a group come with it. */
  async change(
    id: string,
    next: (now: JsonObject, body: JsonObject) => JsonObject,
    hasMembers = true,
  ): Promise<ScimAnswer> {
    const { kind, request, call } = this.#order;
    const body = hasMembers ? bodyOf(request) : {};
    for (let tries = 0; tries < TRIES; tries++) {
      const found = await this.#find(id);
      if (request.ifMatch !== undefined && request.ifMatch !== '*' && request.ifMatch !== etagOf(found))
        throw new ScimError(412, null, 'It has changed meanwhile; read it again.');
      const resource = next(JSON.parse(found.body) as JsonObject, body);
      const facts = { version: found.version + 1, createdAt: found.createdAt, changedAt: this.#now() };
      const pushed = { ...this.#pushed(id, resource), ...facts };
      const done = await this.#pushes.replace(pushed, found.version, call);
      if (done === 'taken') throw new ScimError(409, 'uniqueness', 'The name is taken.');
      if (done === 'moved') continue;
      if (kind === 'Group' && hasMembers)
        await this.#changeMembers(id, { out: null, in: membersOf(attributeOf(resource, 'members')) });
      return this.#one(pushed, await this.#view(pushed), 200);
    }
    throw new ScimError(503, null, 'It is being changed by others; try again.');
  }

  async #find(id: string): Promise<Pushed> {
    const { tenant, kind, call } = this.#order;
    const found = await this.#pushes.read(tenant, kind, id, call);
    if (found === null) throw absent(id);
    return found;
  }

  async #scan(isMeant: (resource: JsonObject) => boolean): Promise<readonly Pushed[]> {
    const { tenant, kind, call } = this.#order;
    const all: Pushed[] = [];
    for (let after = '', seen = 0; ; ) {
      const some = await this.#pushes.after(tenant, kind, after, PAGE_MAX, call);
      all.push(...some.filter((one) => isMeant(resourceOf(one))));
      const last = some.at(-1);
      if (last === undefined || some.length < PAGE_MAX) return all;
      seen += some.length;
      after = last.id;
      if (seen >= SCANNED_MAX)
        throw new ScimError(400, 'tooMany', 'There are too many for this filter; ask by userName, externalId or id.');
    }
  }

  async #changeMembers(id: string, change: MemberChange): Promise<void> {
    const { tenant, call } = this.#order;
    if (change.out?.length === 0 && change.in.length === 0) return;
    const [out, into] = [change.out ?? [], change.in];
    for (let from = 0; from === 0 || from < Math.max(out.length, into.length); from += MEMBERS_PER_CALL) {
      const some = {
        out: change.out === null && from === 0 ? null : out.slice(from, from + MEMBERS_PER_CALL),
        in: into.slice(from, from + MEMBERS_PER_CALL),
      };
      await this.#pushes.changeMembers(tenant, id, some, this.#now(), call);
    }
  }

  #pushed(id: string, body: JsonObject): Omit<Pushed, 'version' | 'createdAt' | 'changedAt'> {
    const { tenant, kind } = this.#order;
    const name = textAt(body, kind === 'User' ? 'userName' : 'displayName');
    if (name === null)
      throw new ScimError(400, 'invalidValue', kind === 'User' ? 'userName is required.' : 'displayName is required.');
    const kept = ['id', 'meta', 'password', ...(kind === 'Group' ? ['members'] : [])].reduce<JsonObject>(
      (rest, key) => withValue(rest, key, undefined),
      body,
    );
    const text = JSON.stringify(
      withValue(kept, 'schemas', attributeOf(body, 'schemas') ?? [kind === 'User' ? USER : GROUP]),
    );
    if (text.length > RESOURCE_CHARS_MAX) throw new ScimError(413, 'tooMany', 'The resource is too large.');
    return { tenant, kind, id, nameKey: name.toLowerCase(), externalId: textAt(body, 'externalId') ?? '', body: text };
  }

  async #views(found: readonly Pushed[]): Promise<readonly JsonObject[]> {
    const views: JsonObject[] = [];
    for (const one of found) views.push(await this.#view(one));
    return views;
  }

  async #view(pushed: Pushed, known: readonly string[] | null = null): Promise<JsonObject> {
    const { tenant, request, call } = this.#order;
    const full = withMeta(pushed, request.base);
    const left = (request.query.excludedattributes ?? '')
      .toLowerCase()
      .split(',')
      .map((name) => name.trim());
    if (pushed.kind === 'User' || left.includes('members')) return full;
    const members = known ?? (await this.#pushes.members(tenant, pushed.id, call));
    return { ...full, members: members.map((value) => ({ value })) };
  }

  #one(pushed: Pushed, body: JsonObject, status: number): ScimAnswer {
    return { status, body, etag: etagOf(pushed), location: null };
  }
}

function discovery({ method, path: [home = '', id] }: ScimRequest): ScimAnswer {
  const what = home.toLowerCase();
  if (method !== 'GET') throw new ScimError(405, null, `${method} is not known here.`);
  if (what === 'serviceproviderconfig') return { status: 200, body: providerConfig(), etag: null, location: null };
  const all = what === 'resourcetypes' ? resourceTypes() : what === 'schemas' ? schemas() : [];
  if (all.length === 0) throw new ScimError(404, null, 'There is nothing here.');
  if (id === undefined) return listAnswer(all.length, 1, all);
  const found = all.find((one) => one.id === id);
  if (found === undefined) throw absent(id);
  return { status: 200, body: found, etag: null, location: null };
}

/** Operations on members, which are kept apart; and the rest. */
function apart(operations: readonly PatchOperation[]): {
  readonly plain: readonly PatchOperation[];
  readonly members: readonly MemberChange[];
} {
  const plain: PatchOperation[] = [];
  const members: MemberChange[] = [];
  for (const one of operations) {
    if (one.path === null && isObject(one.value)) {
      const given = attributeOf(one.value, 'members');
      if (given !== undefined) members.push(memberChange({ ...one, value: given }));
      const value = withValue(one.value, 'members', undefined);
      if (Object.keys(value).length > 0) plain.push({ ...one, value });
    } else if (one.path?.attribute.name.toLowerCase() === 'members') members.push(memberChange(one));
    else plain.push(one);
  }
  return { plain, members };
}

function memberChange({ op, path, value }: PatchOperation): MemberChange {
  const filter = path?.filter ?? null;
  if (op === 'remove' && filter !== null) {
    // `members[value eq "2819c223"]`, as Okta and others write it.
    if (filter.kind === 'compare' && filter.operator === 'eq' && filter.attribute.name.toLowerCase() === 'value')
      return { out: [wordOf(filter.value)], in: [] };
    throw new ScimError(400, 'invalidFilter', 'Members are named by their value alone.');
  }
  if (op === 'remove') return { out: value === undefined ? null : membersOf(value), in: [] };
  return { out: op === 'replace' ? null : [], in: membersOf(value) };
}

function membersOf(value: Json | undefined): readonly string[] {
  const list = value === undefined || value === null ? [] : isList(value) ? value : [value];
  if (list.length > MEMBERS_MAX) throw new ScimError(413, 'tooMany', `At most ${MEMBERS_MAX} members at once.`);
  return list.map((each) => {
    const id = isObject(each) ? textAt(each, 'value') : typeof each === 'string' ? each : null;
    if (id === null || id.length > 128) throw new ScimError(400, 'invalidValue', 'A member is named by its value.');
    return id;
  });
}

/** A filter that an index answers; null where it is another. */
function quickOf(filter: ReturnType<typeof parseFilter>, kind: PushedKind): PushedFilter | null {
  if (filter.kind !== 'compare' || filter.operator !== 'eq' || typeof filter.value !== 'string') return null;
  const { schema, name, part } = filter.attribute;
  if (schema !== null || part !== null) return null;
  const wanted = name.toLowerCase();
  if (wanted === 'id') return { id: filter.value };
  if (wanted === 'externalid') return { externalId: filter.value };
  return wanted === (kind === 'User' ? 'username' : 'displayname') ? { nameKey: filter.value.toLowerCase() } : null;
}

function bodyOf(request: ScimRequest): JsonObject {
  const body = jsonOf(request);
  if (!isObject(body)) throw new ScimError(400, 'invalidSyntax', 'A resource is an object.');
  return body;
}

function jsonOf({ body }: ScimRequest): Json {
  try {
    return JSON.parse(body) as Json;
  } catch {
    throw new ScimError(400, 'invalidSyntax', 'The body is no JSON.');
  }
}

function countIn(text: string | undefined, normally: number): number {
  const count = Number.parseInt(text ?? '', 10);
  return Number.isSafeInteger(count) ? count : normally;
}

function resourceOf({ id, body }: Pushed): JsonObject {
  return { ...(JSON.parse(body) as JsonObject), id };
}

function withMeta(pushed: Pushed, base: string): JsonObject {
  const { kind, id, createdAt, changedAt } = pushed;
  const meta = {
    resourceType: kind,
    created: new Date(createdAt).toISOString(),
    lastModified: new Date(changedAt).toISOString(),
    location: `${base}/${kind}s/${id}`,
    version: etagOf(pushed),
  };
  return { ...resourceOf(pushed), meta };
}

function etagOf({ version }: Pushed): string {
  return `W/"${version}"`;
}

function listAnswer(total: number, start: number, resources: readonly JsonObject[]): ScimAnswer {
  const body = {
    ...{ schemas: [LIST], totalResults: total, startIndex: start, itemsPerPage: resources.length },
    Resources: resources,
  };
  return { status: 200, body, etag: null, location: null };
}

function errorAnswer({ status, scimType, message }: ScimError): ScimAnswer {
  const body = { schemas: [ERROR], status: String(status), ...(scimType !== null && { scimType }), detail: message };
  return { status, body, etag: null, location: null };
}

function absent(id: string): ScimError {
  return new ScimError(404, null, `There is no ${id.slice(0, 64)}.`);
}
