/** `ports/correspondents.ts` over any database that runs batches. */
import type { Call, TenantId } from '#/model/index.ts';
import type {
  AcquaintanceQuestion,
  Acquaintances,
  Correspondence,
  Correspondents,
  Forgetting,
  PersonHash,
} from '#/ports/index.ts';
import type { Batches, BatchStatement, SqlRow } from '../batches.ts';

/** Recipients of one statement: those that are fewer repeat one, so that few different statements are kept ready. */
const WIDTHS = [1, 8, 64] as const;
const WIDEST = 64;

export class SqlCorrespondents implements Correspondents {
  readonly #batches: Batches;

  constructor(batches: Batches) {
    this.#batches = batches;
  }

  async learn(pairs: readonly Correspondence[], call: Call): Promise<void> {
    // In one order everywhere, so that two processes that learn the same never wait for each other in a circle.
    const sorted = pairs.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
    if (sorted.length > 0) await this.#batches.run(sorted.map(learning), call);
  }

  async known(questions: readonly AcquaintanceQuestion[], call: Call): Promise<readonly Acquaintances[]> {
    const asked = questions.map(asking);
    const answers = await this.#batches.run(asked.flat(), call);
    let next = 0;
    return asked.map(({ length }) => {
      const rows = answers.slice(next, next + length).flat() as unknown as readonly KnownRow[];
      next += length;
      const of = (known: readonly KnownRow[]) => new Set(known.map(({ recipient }) => recipient as PersonHash));
      return { bySender: of(rows.filter(({ own }) => own === 1)), byTenant: of(rows) };
    });
  }

  async forget({ before, most }: Forgetting, limit: number, call: Call): Promise<number> {
    const counted = await this.#one({ text: COUNT, values: [] }, call);
    let gone = 0;
    for (const { tenant, pairs } of counted as unknown as readonly CountRow[]) {
      const old = await this.#one({ text: OLD, values: [tenant, before, limit] }, call);
      const beyond = Math.min(limit - old.length, pairs - old.length - most);
      const more = beyond > 0 ? await this.#one({ text: OLDEST, values: [tenant, beyond] }, call) : [];
      gone += old.length + more.length;
    }
    return gone;
  }

  async erase(tenant: TenantId, person: PersonHash, call: Call): Promise<number> {
    const who = 'FROM correspondence WHERE tenant = $1 AND (sender = $2 OR recipient = $2)';
    const values = [tenant, person];
    const [counted] = await this.#batches.run(
      [
        { text: `SELECT count(*) AS pairs ${who}`, values },
        { text: `DELETE ${who}`, values },
      ],
      call,
    );
    const [row] = (counted ?? []) as unknown as readonly Pick<CountRow, 'pairs'>[];
    return row?.pairs ?? 0;
  }

  async #one(statement: BatchStatement, call: Call): Promise<readonly SqlRow[]> {
    const [rows] = await this.#batches.run([statement], call);
    return rows ?? [];
  }
}

interface KnownRow {
  readonly recipient: string;
  readonly own: number;
}

interface CountRow {
  readonly tenant: string;
  readonly pairs: number;
}

const COUNT = 'SELECT tenant, count(*) AS pairs FROM correspondence GROUP BY tenant';
const OLD = forgetting('AND day < $2', '$3');
const OLDEST = forgetting('', '$2');

function forgetting(which: string, limit: string): string {
  return `DELETE FROM correspondence WHERE (tenant, sender, recipient) IN (
     SELECT tenant, sender, recipient FROM correspondence WHERE tenant = $1 ${which} ORDER BY day LIMIT ${limit}
   ) RETURNING day`;
}

function keyOf({ tenant, sender, recipient }: Correspondence): string {
  return `${tenant}\n${sender}\n${recipient}`;
}

function learning({ tenant, sender, recipient, day }: Correspondence): BatchStatement {
  return {
    text: `INSERT INTO correspondence (tenant, sender, recipient, day) VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant, sender, recipient) DO UPDATE SET day = excluded.day WHERE correspondence.day < excluded.day`,
    values: [tenant, sender, recipient, day],
  };
}

function asking({ tenant, sender, recipients }: AcquaintanceQuestion): readonly BatchStatement[] {
  const statements: BatchStatement[] = [];
  for (let from = 0; from < recipients.length; from += WIDEST) {
    const some = recipients.slice(from, from + WIDEST);
    const width = WIDTHS.find((each) => each >= some.length) ?? WIDEST;
    const padded = Array.from({ length: width }, (_, i) => some[Math.min(i, some.length - 1)] ?? '');
    statements.push({ text: KNOWN[width], values: [tenant, sender, ...padded] });
  }
  return statements;
}

/** A look at one row for each recipient, however many people have written to them. */
function knownOf(width: number): string {
  const asked = Array.from({ length: width }, (_, i) => `SELECT CAST($${i + 3} AS text) AS recipient`).join(' UNION ');
  const pair = 'SELECT 1 FROM correspondence c WHERE c.tenant = $1 AND c.recipient = asked.recipient';
  return `SELECT asked.recipient, CASE WHEN EXISTS (${pair} AND c.sender = $2) THEN 1 ELSE 0 END AS own
   FROM (${asked}) asked WHERE EXISTS (${pair})`;
}

const KNOWN: Readonly<Record<(typeof WIDTHS)[number], string>> = { 1: knownOf(1), 8: knownOf(8), 64: knownOf(64) };
