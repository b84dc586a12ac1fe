/** A person's act on rows that a reader has chosen; each is looked at again, since it may have moved meanwhile. */
import { acted } from '../custody/index.ts';
import type { RecipientKey, WriterCalls } from './protocol.ts';
import type { Tables } from './tables.ts';

/** The rows that were hit. A claimed one is in work and left alone: its outcome comes first. */
export function act(tables: Tables, input: WriterCalls['act']['input']): RecipientKey[] {
  const by = tables.workers.source('cli', null);
  return input.keys.filter(([message, n]) => {
    const row = tables.recipients.find(message, n);
    if (row === undefined || row.claimBy !== null) return false;
    const change = acted(row.progress, input.act, input.by, tables.now, tables.settings);
    if (change !== null) tables.recipients.move(row, change, by, tables.now);
    return change !== null;
  });
}
