/**
 * A person is erased from the registry (design 6, Privacy). Entries of the audit log and the entry that says so are one statement: it has a place
 * behind the newest entry that was read before the entries were, so who has written meanwhile, another erasure too, makes it fail, and it is thought anew.
 */
import { randomUUID } from 'node:crypto';
import type { Call } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { ErasedNames, ErasedPerson, ErasureNote } from '#/ports/index.ts';
import {
  CHAIN_START,
  type ChainedAuditEntry,
  chainHash,
  ERASED_AT_ONCE,
  textsWithoutPerson,
  withoutPerson,
} from '../audit-chain.ts';
import type { Sql } from './sql.ts';
import { hasSqlState } from './sql.ts';

/** Rows that are read at once. */
const READ_STEP = 1_000;

const REWRITE = `
  WITH note AS (
    INSERT INTO audit_entry (seq, at, by, act, subject, reason, hash, token) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING seq
  )
  UPDATE audit_entry SET by = one.by, subject = one.subject, reason = one.reason
    FROM unnest($9::bigint[], $10::text[], $11::text[], $12::text[]) AS one(seq, by, subject, reason), note
    WHERE audit_entry.seq = one.seq`;

type RuleRow = { tenant: string; version: number; by: string; rules_before: string; rules_after: string };

export class NameEraser {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** One step; repeated it finds what is left. */
  async erase(person: ErasedPerson, note: ErasureNote, call: Call): Promise<ErasedNames> {
    const entries = await this.#entries(person, note, call);
    const changes = await this.#changes(person, call);
    const rules = await this.#rules(person, call);
    const forget = `DELETE FROM registry_usage WHERE lower(identity) = ANY ($1::text[]) RETURNING identity`;
    const identities = person.addresses.map((address) => `user:${address}`);
    const counters = (await this.#sql.rows(forget, [identities], call)).length;
    return { entries, changes, rules, counters, more: [entries, changes, rules].includes(ERASED_AT_ONCE) };
  }

  async #entries(person: ErasedPerson, note: ErasureNote, call: Call): Promise<number> {
    for (;;) {
      const newest = 'SELECT seq, hash FROM audit_entry ORDER BY seq DESC LIMIT 1';
      const [last] = await this.#sql.rows<{ seq: number; hash: string }>(newest, [], call);
      const { seq, hash } = last ?? { seq: 0, hash: CHAIN_START };
      const erased = withoutPerson(await this.#naming(person, call), person, note);
      if (erased === null) return 0;
      const { entry, changed } = erased;
      const values = [
        ...[seq + 1, entry.at, entry.by, entry.act, entry.subject, entry.reason, chainHash(hash, entry), randomUUID()],
        changed.map((one) => one.seq),
        changed.map(({ by }) => by),
        changed.map(({ subject }) => subject),
        changed.map(({ reason }) => reason),
      ];
      try {
        await this.#sql.rows(REWRITE, values, call);
        return changed.length;
      } catch (error) {
        // 23505: somebody else has the place.
        if (!hasSqlState(error, '23505')) throw error;
        if (performance.now() > call.deadlineAt) throw new Fault('call.late');
      }
    }
  }

  /** The first entries that name them, as many as one step takes. */
  async #naming(person: ErasedPerson, call: Call): Promise<readonly ChainedAuditEntry[]> {
    const text = `SELECT seq, at, by, act, subject, reason, hash FROM audit_entry WHERE seq > $1 ORDER BY seq LIMIT ${READ_STEP}`;
    const found: ChainedAuditEntry[] = [];
    for (let after = 0; ; ) {
      const rows = await this.#sql.rows<ChainedAuditEntry>(text, [after], call);
      found.push(...rows.filter(({ by, subject, reason }) => isNaming({ by, subject, reason }, person)));
      if (rows.length < READ_STEP || found.length >= ERASED_AT_ONCE) return found;
      after = rows.at(-1)?.seq ?? after;
    }
  }

  async #changes(person: ErasedPerson, call: Call): Promise<number> {
    const text = `SELECT version, by, lines FROM registry_change WHERE version > $1 ORDER BY version LIMIT ${READ_STEP}`;
    let done = 0;
    for (let after = -1; ; ) {
      const rows = await this.#sql.rows<{ version: number; by: string; lines: string }>(text, [after], call);
      for (const { version, ...texts } of rows) {
        const without = textsWithoutPerson(texts, ['lines'], person);
        if (without === null) continue;
        const change = 'UPDATE registry_change SET by = $2, lines = $3 WHERE version = $1';
        await this.#sql.rows(change, [version, without.by, without.lines], call);
        if (++done === ERASED_AT_ONCE) return done;
      }
      if (rows.length < READ_STEP) return done;
      after = rows.at(-1)?.version ?? after;
    }
  }

  async #rules(person: ErasedPerson, call: Call): Promise<number> {
    const tenants = await this.#sql.rows<{ tenant: string }>(
      'SELECT DISTINCT tenant FROM registry_policy_step',
      [],
      call,
    );
    const text = 'SELECT tenant, version, by, rules_before, rules_after FROM registry_policy_step WHERE tenant = $1';
    let done = 0;
    for (const { tenant: of } of tenants) {
      for (const { tenant, version, ...texts } of await this.#sql.rows<RuleRow>(text, [of], call)) {
        const without = textsWithoutPerson(texts, ['rules_before', 'rules_after'], person);
        if (without === null) continue;
        const change = `UPDATE registry_policy_step SET by = $3, rules_before = $4, rules_after = $5
          WHERE tenant = $1 AND version = $2`;
        const { by, rules_before: before, rules_after: after } = without;
        await this.#sql.rows(change, [tenant, version, by, before, after], call);
        if (++done === ERASED_AT_ONCE) return done;
      }
    }
    return done;
  }
}

function isNaming(texts: Readonly<Record<'by' | 'subject' | 'reason', string>>, person: ErasedPerson): boolean {
  return textsWithoutPerson(texts, [], person) !== null;
}
