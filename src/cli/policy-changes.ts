/** `policy history` and `policy undo`: who changed the rules of a tenant, and one step back. */
import { EXIT, type ExitCode } from './exit-codes.ts';
import { usage } from './flags.ts';
import { type Cell, formatTable, harmless } from './table.ts';
import type { Order } from './verb.ts';
import { formatMoment } from './when.ts';

interface PolicyChange {
  readonly tenant: string;
  readonly version: number;
  readonly at: string;
  readonly by: string;
  readonly undoes: number | null;
  readonly lines: readonly string[];
  readonly rules: number;
}

interface Undone {
  readonly tenant: string;
  readonly undoes: number;
  readonly madeBy: string;
  readonly madeAt: string;
  readonly lines: readonly string[];
  readonly warnings: readonly string[];
}

/** Newest first. */
export async function showHistory({ flags, json, answer, terminal, calendar, operations }: Order): Promise<ExitCode> {
  await using server = await operations('reads');
  const found = await server.call<PolicyChange[]>('policy.history', { tenant: flags.text('tenant') });
  if (json) {
    answer(found);
    return EXIT.done;
  }
  const columns = [
    { title: 'Version', align: 'right' as const },
    { title: 'Tenant', least: 8 },
    { title: 'At' },
    { title: 'By', least: 8 },
    { title: 'Rules', align: 'right' as const },
    { title: 'What', least: 20 },
  ];
  const rows = found.map(({ version, tenant, at, by, undoes, lines, rules }): Cell[] => [
    String(version),
    tenant,
    formatMoment(Date.parse(at), calendar),
    by,
    String(rules),
    [...(undoes === null ? [] : [`undoes ${undoes}:`]), ...lines].join(' '),
  ]);
  terminal.print(rows.length === 0 ? 'No change of rules is known.' : formatTable(columns, rows, terminal));
  return EXIT.done;
}

/** Of the newest change, or of the version that is named where that is the newest. */
export async function undoChange(version: string | undefined, order: Order): Promise<ExitCode> {
  const { flags, json, answer, terminal, calendar, operations } = order;
  const tenant = flags.text('tenant');
  if (tenant === null) throw usage('Name the tenant: --tenant ID');
  if (version !== undefined && !/^\d{1,9}$/.test(version))
    throw usage(`'${version}' is no version: "holdfast policy history --tenant ${tenant}" lists them.`);
  await using server = await operations('changes');
  const input = { tenant, version: version === undefined ? null : Number(version) };
  const undone = await server.call<Undone>('policy.undo', input);
  if (json) {
    answer(undone);
    return EXIT.done;
  }
  for (const line of undone.lines) terminal.print(harmless(line));
  if (undone.warnings.length > 0) terminal.note(terminal.paint('warn', harmless(undone.warnings.join('\n'))));
  const when = formatMoment(Date.parse(undone.madeAt), calendar);
  terminal.print(
    harmless(
      `The rules of ${tenant} are as before version ${undone.undoes} (${undone.madeBy}, ${when}). Another undo takes this back.`,
    ),
  );
  return EXIT.done;
}
