/** `ports/documents.ts` over any database that runs batches. */
import type { Call, TenantId } from '#/model/index.ts';
import type { DocumentBounds, DocumentEntry, DocumentSnapshot, Documents, NewDocument } from '#/ports/index.ts';
import type { Batches, BatchStatement } from '../batches.ts';

const NUMBER_OCTETS = 4;

export class SqlDocuments implements Documents {
  readonly #batches: Batches;

  constructor(batches: Batches) {
    this.#batches = batches;
  }

  async add(document: NewDocument, bounds: DocumentBounds, call: Call): Promise<'added' | 'taken' | 'full'> {
    const { id, tenant, name } = document;
    const [, , there] = await this.#batches.run(
      [
        adding(document, bounds),
        raising(tenant, `EXISTS (SELECT 1 FROM document WHERE id = $2)`, id),
        { text: 'SELECT id FROM document WHERE tenant = $1 AND name_key = $2', values: [tenant, nameKey(name)] },
      ],
      call,
    );
    const [row] = (there ?? []) as unknown as readonly { readonly id: string }[];
    if (row === undefined) return 'full';
    return row.id === id ? 'added' : 'taken';
  }

  async remove(tenant: TenantId, name: string, call: Call): Promise<boolean> {
    const key = nameKey(name);
    const [, gone] = await this.#batches.run(
      [
        raising(tenant, 'EXISTS (SELECT 1 FROM document WHERE tenant = $1 AND name_key = $2)', key),
        { text: 'DELETE FROM document WHERE tenant = $1 AND name_key = $2 RETURNING id', values: [tenant, key] },
      ],
      call,
    );
    return (gone ?? []).length > 0;
  }

  async list(tenant: TenantId, call: Call): Promise<readonly DocumentEntry[]> {
    const text =
      'SELECT name, added_at, added_by, chars, cut, amount FROM document WHERE tenant = $1 ORDER BY name_key';
    const [rows] = await this.#batches.run([{ text, values: [tenant] }], call);
    return ((rows ?? []) as unknown as readonly EntryRow[]).map((row) => ({
      tenant,
      name: row.name,
      addedAt: row.added_at,
      by: row.added_by,
      chars: row.chars,
      numbers: row.amount,
      isCut: row.cut === 1,
    }));
  }

  async snapshot(tenant: TenantId, known: number | null, call: Call): Promise<DocumentSnapshot> {
    // The revision first: documents of a later one are read again at the next look, those of an earlier one would be missing.
    const [revisions, rows] = await this.#batches.run(
      [
        { text: 'SELECT revision FROM document_revision WHERE tenant = $1', values: [tenant] },
        {
          text: `SELECT name, numbers FROM document WHERE tenant = $1
             AND NOT EXISTS (SELECT 1 FROM document_revision WHERE tenant = $1 AND revision = $2) ORDER BY name_key`,
          values: [tenant, known],
        },
      ],
      call,
    );
    const [row] = (revisions ?? []) as unknown as readonly { readonly revision: number }[];
    const revision = row?.revision ?? 0;
    if (revision === known) return { revision, documents: null };
    const found = (rows ?? []) as unknown as readonly NumbersRow[];
    return { revision, documents: found.map(({ name, numbers }) => ({ name, numbers: numbersIn(numbers) })) };
  }
}

interface EntryRow {
  readonly name: string;
  readonly added_at: number;
  readonly added_by: string;
  readonly chars: number;
  readonly cut: number;
  readonly amount: number;
}

interface NumbersRow {
  readonly name: string;
  readonly numbers: Uint8Array;
}

function adding(document: NewDocument, { documents, numbers }: DocumentBounds): BatchStatement {
  const { id, tenant, name, addedAt, by, chars, isCut } = document;
  const amount = document.numbers.length;
  return {
    text: `INSERT INTO document (id, tenant, name, name_key, added_at, added_by, chars, cut, amount, numbers)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10
     WHERE (SELECT count(*) FROM document WHERE tenant = $11) < $12
       AND (SELECT coalesce(sum(amount), 0) FROM document WHERE tenant = $11) <= $13
     ON CONFLICT DO NOTHING`,
    values: [
      ...[id, tenant, name, nameKey(name), addedAt, by, chars, isCut ? 1 : 0, amount, octetsOf(document.numbers)],
      ...[tenant, documents, numbers - amount],
    ],
  };
}

function raising(tenant: TenantId, condition: string, value: string): BatchStatement {
  return {
    text: `INSERT INTO document_revision (tenant, revision) SELECT $1, 1 WHERE ${condition}
     ON CONFLICT (tenant) DO UPDATE SET revision = document_revision.revision + 1`,
    values: [tenant, value],
  };
}

/** Names that people take for the same one. */
function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

function octetsOf(numbers: Uint32Array): Uint8Array {
  const octets = new DataView(new ArrayBuffer(numbers.length * NUMBER_OCTETS));
  for (const [i, number] of numbers.entries()) octets.setUint32(i * NUMBER_OCTETS, number, true);
  return new Uint8Array(octets.buffer);
}

function numbersIn(octets: Uint8Array): Uint32Array {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  return Uint32Array.from({ length: octets.byteLength / NUMBER_OCTETS }, (_, i) =>
    view.getUint32(i * NUMBER_OCTETS, true),
  );
}
