/**
 * `ports/downloads.ts` over any database that runs batches. Small files stand in their rows, sealed under the key of their day as mail in custody
 * is; large ones are blobs, which seal themselves.
 */
import {
  type BlobRef,
  type Call,
  Fault,
  newMailId,
  type RecipientNumber,
  type ShareId,
  type TenantId,
} from '#/model/index.ts';
import type {
  CodeLimits,
  Decisions,
  DomainKeys,
  Downloads,
  DueLink,
  EndedSessions,
  ErasedPerson,
  FoundLink,
  KeepAnswer,
  LinkAct,
  LinkEvent,
  LinkKey,
  LookResult,
  NewCode,
  NewFile,
  NewLinkEvent,
  NewShare,
  ProofAttempt,
  Share,
  ShareFilter,
} from '#/ports/index.ts';
import { isKeyDay, type KeyRing, openBody, sealBody } from '../../keys/index.ts';
import type { Batches, BatchStatement, SqlRow, SqlValue } from '../batches.ts';
import { SqlDecisions } from '../decisions/decisions.ts';
import { SqlDomainKeys } from '../domain-keys/domain-keys.ts';
import { SqlEndedSessions } from '../sessions/ended-sessions.ts';
import {
  as,
  dueOf,
  type EventRow,
  eventOf,
  filesOf,
  type LinkRow,
  linkOf,
  type ShareRow,
  sharesOf,
  termsOf,
} from './rows.ts';
import {
  acting,
  HAS_ENDED,
  keeping,
  noting,
  recording,
  type StoredFile,
  statement,
  taking,
  tryingCode,
  tryingPassword,
} from './statements.ts';

export class SqlDownloads implements Downloads {
  /** In the same tables, by the same connection. */
  readonly sessions: EndedSessions;
  readonly decisions: Decisions;
  readonly domainKeys: DomainKeys;
  readonly #batches: Batches;
  readonly #ring: Pick<KeyRing, 'sealing' | 'opening'>;

  constructor(batches: Batches, ring: Pick<KeyRing, 'sealing' | 'opening'>) {
    this.#batches = batches;
    this.sessions = new SqlEndedSessions(batches);
    this.decisions = new SqlDecisions(batches);
    this.domainKeys = new SqlDomainKeys(batches);
    this.#ring = ring;
  }

  async has(share: ShareId, call: Call): Promise<boolean> {
    const rows = await this.#one(statement('SELECT id FROM share WHERE id = $1 AND ended_at IS NULL', share), call);
    return rows.length > 0;
  }

  async keep(share: NewShare, quotaBytes: number, call: Call): Promise<KeepAnswer> {
    const files = await Promise.all(share.files.map((file, i) => this.#stored(file, sealName(share.id, i + 1), share)));
    const answers = await this.#batches.run(keeping(share, files, quotaBytes), call);
    const [row] = as<{ readonly ended_at: number | null; readonly revoked: number }>(answers.at(-1));
    if (row === undefined) return 'full';
    if (row.ended_at === null) return 'kept';
    if (row.revoked === 1) return 'revoked';
    return files.length === 0 ? 'ended' : 'full';
  }

  async find(tokenHash: string, call: Call): Promise<FoundLink | null> {
    const share = '(SELECT share FROM share_link WHERE token_hash = $1)';
    const [links, shares, files, uses] = await this.#batches.run(
      [
        statement('SELECT * FROM share_link WHERE token_hash = $1', tokenHash),
        statement(`SELECT * FROM share WHERE id = ${share}`, tokenHash),
        statement(`SELECT share, n, name, bytes FROM share_file WHERE share = ${share} ORDER BY n`, tokenHash),
        statement(`SELECT * FROM share_use WHERE share = ${share}`, tokenHash),
      ],
      call,
    );
    const [link] = as<LinkRow>(links);
    const [terms] = as<ShareRow>(shares);
    if (link === undefined || terms === undefined) return null;
    return { share: { ...termsOf(terms), files: filesOf(files, terms.id) }, link: linkOf(link, uses) };
  }

  async file(share: ShareId, file: number, call: Call): Promise<Buffer | BlobRef | null> {
    const rows = await this.#one(
      statement('SELECT bytes, day, sealed, blob, sha256 FROM share_file WHERE share = $1 AND n = $2', share, file),
      call,
    );
    const [row] = as<Omit<StoredFile, 'name'>>(rows);
    if (row === undefined) return null;
    if (row.blob !== null && row.sha256 !== null) return { key: row.blob, size: row.bytes, sha256: row.sha256 };
    if (row.day === null || row.sealed === null || !isKeyDay(row.day)) return null;
    return openBody(await this.#ring.opening(row.day), sealName(share, file), row.sealed);
  }

  async take(link: LinkKey, file: number, now: number, call: Call): Promise<boolean> {
    return (await this.#one(taking(link, file, now), call)).length === 1;
  }

  async giveBack({ share, n }: LinkKey, file: number, call: Call): Promise<void> {
    await this.#one(
      statement(
        'UPDATE share_use SET taken = taken - 1 WHERE share = $1 AND n = $2 AND file = $3 AND taken > 0',
        ...[share, n, file],
      ),
      call,
    );
  }

  async setCode({ share, n }: LinkKey, code: NewCode, limits: CodeLimits, call: Call): Promise<boolean> {
    const rows = await this.#one(
      statement(
        `UPDATE share_link SET secret_hash = $3, secret_at = $4, tries = 0,
           codes = CASE WHEN codes_at > $5 THEN codes + 1 ELSE 1 END,
           codes_at = CASE WHEN codes_at > $5 THEN codes_at ELSE $4 END
         WHERE share = $1 AND n = $2 AND state <> 'ended' AND locked = 0
           AND (codes_at IS NULL OR codes_at <= $5 OR codes < $6)
           AND (SELECT coalesce(sum(o.codes), 0) FROM share_link o
                WHERE o.address_key = share_link.address_key AND o.codes_at > $5) < $7
         RETURNING n`,
        ...[share, n, code.hash, code.at, code.at - limits.windowMs, limits.perLink, limits.perAddress],
      ),
      call,
    );
    return rows.length === 1;
  }

  async tryProof(link: LinkKey, attempt: ProofAttempt, call: Call): Promise<'right' | 'wrong' | 'spent'> {
    const { validMs } = attempt;
    const rows = await this.#one(
      validMs === null ? tryingPassword(link, attempt) : tryingCode(link, attempt, validMs),
      call,
    );
    const [row] = as<{ readonly proved: number }>(rows);
    if (row === undefined) return 'spent';
    return row.proved === 1 ? 'right' : 'wrong';
  }

  async act(share: ShareId, recipient: RecipientNumber | null, act: LinkAct, call: Call): Promise<number> {
    const [changed] = await this.#batches.run(acting(share, recipient, act), call);
    return changed?.length ?? 0;
  }

  async note(event: NewLinkEvent, call: Call): Promise<void> {
    await this.#one(noting(newMailId(event.at), { ...event }), call);
  }

  async list(filter: ShareFilter, after: ShareId | null, limit: number, call: Call): Promise<readonly Share[]> {
    const values: SqlValue[] = [];
    const given = (value: SqlValue): string => `$${values.push(value)}`;
    const conditions = [
      ...(after === null ? [] : [`id < ${given(after)}`]),
      ...(filter.tenant === undefined ? [] : [`tenant = ${given(filter.tenant)}`]),
      ...(filter.message === undefined ? [] : [`message = ${given(filter.message)}`]),
      ...(filter.owners === undefined
        ? []
        : [`owner_key IN (${filter.owners.map((one) => given(one.toLowerCase())).join(', ')})`]),
    ];
    if (filter.owners?.length === 0) return [];
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const found = await this.#one(
      statement(`SELECT id FROM share ${where} ORDER BY id DESC LIMIT ${given(limit)}`, ...values),
      call,
    );
    return this.#shares(
      as<{ readonly id: string }>(found).map(({ id }) => id),
      call,
    );
  }

  async show(share: ShareId, call: Call): Promise<Share | null> {
    return (await this.#shares([share], call))[0] ?? null;
  }

  async events(share: ShareId, limit: number, call: Call): Promise<readonly LinkEvent[]> {
    const text = 'SELECT n, at, kind, file, by FROM share_event WHERE share = $1 ORDER BY id DESC LIMIT $2';
    const rows = await this.#one(statement(text, share, limit), call);
    return as<EventRow>(rows).map(eventOf).reverse();
  }

  async due(now: number, limit: number, call: Call): Promise<readonly DueLink[]> {
    const rows = await this.#one(
      statement(
        `SELECT l.*, s.tenant, s.message, s.language, s.proof, s.expire_ms, s.made_at
         FROM share_link l JOIN share s ON s.id = l.share WHERE l.look_at <= $1 ORDER BY l.look_at LIMIT $2`,
        ...[now, limit],
      ),
      call,
    );
    return as<LinkRow & Omit<ShareRow, 'id'>>(rows).map(dueOf);
  }

  async looked(link: LinkKey, result: LookResult, call: Call): Promise<void> {
    await this.#batches.run(recording(link, result), call);
  }

  async dropFiles(limit: number, call: Call): Promise<readonly { readonly tenant: TenantId; readonly key: string }[]> {
    const ended = await this.#one(
      statement(`SELECT id, tenant FROM share WHERE bytes > 0 AND ${HAS_ENDED} ORDER BY ended_at LIMIT $1`, limit),
      call,
    );
    const shares = as<{ readonly id: string; readonly tenant: string }>(ended);
    if (shares.length === 0) return [];
    const ids = listOf(shares.map(({ id }) => id));
    // One that was kept anew since then keeps its files; the first statement has the rows of the others wait until all of it is done.
    const gone = `share IN (SELECT id FROM share WHERE id IN (${ids.marks}) AND bytes = 0 AND ${HAS_ENDED})`;
    const [, blobs] = await this.#batches.run(
      [
        statement(`UPDATE share SET bytes = 0 WHERE id IN (${ids.marks}) AND ${HAS_ENDED}`, ...ids.values),
        statement(`SELECT share, blob FROM share_file WHERE blob IS NOT NULL AND ${gone}`, ...ids.values),
        statement(
          `UPDATE share_file SET day = NULL, sealed = NULL, blob = NULL, sha256 = NULL WHERE ${gone}`,
          ...ids.values,
        ),
      ],
      call,
    );
    const tenants = new Map(shares.map(({ id, tenant }) => [id, tenant as TenantId]));
    return as<{ readonly share: string; readonly blob: string }>(blobs).flatMap(({ share, blob }) => {
      const tenant = tenants.get(share);
      return tenant === undefined ? [] : [{ tenant, key: blob }];
    });
  }

  async forget(before: number, limit: number, call: Call): Promise<number> {
    const old = await this.#one(
      statement(
        `SELECT id FROM share WHERE ended_at < $1 AND bytes = 0 AND ${HAS_ENDED} ORDER BY ended_at LIMIT $2`,
        ...[before, limit],
      ),
      call,
    );
    const ids = listOf(as<{ readonly id: string }>(old).map(({ id }) => id));
    if (ids.values.length === 0) return 0;
    const parts = ['share_event', 'share_use', 'share_link', 'share_file'];
    await this.#batches.run(
      [
        ...parts.map((table) => statement(`DELETE FROM ${table} WHERE share IN (${ids.marks})`, ...ids.values)),
        statement(`DELETE FROM share WHERE id IN (${ids.marks})`, ...ids.values),
      ],
      call,
    );
    return ids.values.length;
  }

  async blobsInUse(keys: readonly string[], call: Call): Promise<ReadonlySet<string>> {
    if (keys.length === 0) return new Set();
    const { marks, values } = listOf(keys);
    const rows = await this.#one(statement(`SELECT blob FROM share_file WHERE blob IN (${marks})`, ...values), call);
    return new Set(as<{ readonly blob: string }>(rows).map(({ blob }) => blob));
  }

  async erase({ addresses, pseudonym }: ErasedPerson, call: Call): Promise<number> {
    const { marks, values } = listOf(addresses);
    const other = `$${values.length + 1}`;
    // `by` may say through whom they acted.
    const begins = (mark: string): string => `substr(lower(by), 1, length(${mark}) + 1) = ${mark} || ' '`;
    const acted = values.map((_, i) => `lower(by) = $${i + 1} OR ${begins(`$${i + 1}`)}`).join(' OR ');
    const texts = [
      `UPDATE share_link SET address = ${other}, address_key = ${other}
       WHERE state = 'ended' AND lower(address) IN (${marks}) RETURNING share`,
      `UPDATE share SET owner = ${other}, owner_key = ${other}
       WHERE ${HAS_ENDED} AND lower(owner) IN (${marks}) RETURNING id`,
      `UPDATE share_event SET by = ${other} WHERE ${acted} RETURNING id`,
    ];
    const answers = await this.#batches.run(
      texts.map((text) => statement(text, ...values, pseudonym)),
      call,
    );
    return answers.reduce((sum, rows) => sum + rows.length, 0);
  }

  async bytes(tenant: TenantId, call: Call): Promise<number> {
    const rows = await this.#one(
      statement('SELECT coalesce(sum(bytes), 0) AS sum FROM share WHERE tenant = $1', tenant),
      call,
    );
    return as<{ readonly sum: number }>(rows)[0]?.sum ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#batches[Symbol.asyncDispose]();
  }

  async #stored({ name, bytes, content }: NewFile, aad: string, { madeAt }: NewShare): Promise<StoredFile> {
    if (!(content instanceof Uint8Array))
      return { name, bytes, day: null, sealed: null, blob: content.key, sha256: content.sha256 };
    if (content.length !== bytes) throw new Fault('body.damaged', 'A file is not as long as it says.');
    const { day, key } = await this.#ring.sealing(madeAt);
    return { name, bytes, day, sealed: sealBody(key, aad, [content]), blob: null, sha256: null };
  }

  async #shares(ids: readonly string[], call: Call): Promise<readonly Share[]> {
    if (ids.length === 0) return [];
    const { marks, values } = listOf(ids);
    const of = (text: string): BatchStatement => statement(text.replace('@', marks), ...values);
    const rows = await this.#batches.run(
      [
        of('SELECT * FROM share WHERE id IN (@) ORDER BY id DESC'),
        of('SELECT share, n, name, bytes FROM share_file WHERE share IN (@) ORDER BY share, n'),
        of('SELECT * FROM share_link WHERE share IN (@) ORDER BY share, n'),
        of('SELECT * FROM share_use WHERE share IN (@)'),
      ],
      call,
    );
    return sharesOf(rows);
  }

  async #one(one: BatchStatement, call: Call): Promise<readonly SqlRow[]> {
    const [rows] = await this.#batches.run([one], call);
    return rows ?? [];
  }
}

/** What a file's seal is bound to. */
function sealName(share: ShareId, file: number): string {
  return `download ${share}/${file}`;
}

function listOf(values: readonly string[]): { readonly marks: string; readonly values: readonly string[] } {
  return { marks: values.map((_, i) => `$${i + 1}`).join(', '), values };
}
