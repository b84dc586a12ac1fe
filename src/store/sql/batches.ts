/** What keepers that are written once for both databases ask of them: a few statements as one transaction. */
import type { Call } from '#/model/index.ts';

export type SqlValue = string | number | null | Uint8Array;
export type SqlRow = Readonly<Record<string, unknown>>;

/** In SQL that both speak; values are `$1`, `$2` … */
export interface BatchStatement {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

export interface Batches extends AsyncDisposable {
  /** The rows of each statement, in order. All of them or none; durable when it resolves. */
  run(statements: readonly BatchStatement[], call: Call): Promise<readonly (readonly SqlRow[])[]>;
}

export type Dialect = 'sqlite' | 'postgres';

/** Tables in the types of one database: `{int}` holds 64 bits, `{octets}` octets, `{text}` compares octet by octet. */
export function inDialect(schema: string, dialect: Dialect): string {
  const types: Readonly<Record<string, string>> =
    dialect === 'sqlite'
      ? { int: 'INTEGER', octets: 'BLOB', text: 'TEXT' }
      : { int: 'bigint', octets: 'bytea', text: 'text COLLATE "C"' };
  return schema.replace(/\{(\w+)\}/g, (whole, name: string) => types[name] ?? whole);
}
