/** Brings the tables to the version of this release; several hosts may start at once, and each step is whole (B5). */
import type { Client } from 'pg';
import { Fault } from '#/model/index.ts';
import { SCHEMA } from './schema.ts';
import { hasSqlState } from './sql.ts';

/** Two processes that make the same schema or table at the same moment. */
const CLASHES = ['23505', '42710', '42P06', '42P07'] as const;
const ATTEMPTS = 5;

/**
 * Runs the steps of `part` that have not run. A row per part holds its version and is locked meanwhile, so that one process
 * migrates and the others find it done. Fault `store.foreign` when the tables are of a newer release.
 */
export async function migrate(client: Client, part: string, steps: readonly string[]): Promise<void> {
  await makeVersionTable(client);
  await client.query('BEGIN; SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0');
  try {
    await client.query('INSERT INTO version (part, version) VALUES ($1, 0) ON CONFLICT (part) DO NOTHING', [part]);
    const { rows } = await client.query<{ version: number }>('SELECT version FROM version WHERE part = $1 FOR UPDATE', [
      part,
    ]);
    const version = rows[0]?.version ?? 0;
    if (version > steps.length)
      throw new Fault('store.foreign', `Its ${part} has version ${version}; this release knows ${steps.length}.`);
    for (const step of steps.slice(version)) await client.query(step);
    await client.query('UPDATE version SET version = $2 WHERE part = $1', [part, steps.length]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

// IF NOT EXISTS looks before it makes: of two at once, one is told of a clash and finds the thing made when it looks again.
async function makeVersionTable(client: Client): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.query(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`);
      await client.query(
        'CREATE TABLE IF NOT EXISTS version (part text COLLATE "C" PRIMARY KEY, version integer NOT NULL)',
      );
      return;
    } catch (error) {
      if (attempt >= ATTEMPTS || !CLASHES.some((state) => hasSqlState(error, state))) throw error;
    }
  }
}
