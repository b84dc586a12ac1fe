/**
 * `ports/change-log.ts` over the places in which changes are written down: dated changes of the resources, the audit log, and notes of the processes
 * that came and went. Nothing is written twice for it.
 *
 * What must never happen: a list that is short without saying so; an act on one person's mail in it (that is in the audit log, for who may read it).
 */
import type { Call } from '#/model/index.ts';
import type {
  AuditEntry,
  ChangeLog,
  ChangeWindow,
  IncidentBook,
  LoggedChange,
  LoggedChanges,
  Registry,
} from '#/ports/index.ts';

export interface ChangeLogParts {
  readonly registry: Pick<Registry, 'changes'> & {
    /** The newest ones, oldest first. */
    auditEntries(after: null, limit: number, call: Call): Promise<readonly AuditEntry[]>;
  };
  readonly book: Pick<IncidentBook, 'notes'>;
}

/** Looked through in each place: what operators do in some months. */
const READ_MAX = 5_000;
/** Lines of one change of the resources that are told; the rest is a number. */
const LINES_MAX = 5;

/** Acts that change how the installation works, by the first word of their operation. */
const ACTS: ReadonlySet<string> = new Set([
  ...['backup', 'books', 'bypass', 'campaign', 'clock', 'mailbox', 'purge', 'queue', 'relay', 'restore', 'upgrade'],
]);

export class WrittenChanges implements ChangeLog {
  readonly #parts: ChangeLogParts;

  constructor(parts: ChangeLogParts) {
    this.#parts = parts;
  }

  async between(window: ChangeWindow, limit: number, call: Call): Promise<LoggedChanges> {
    const { registry, book } = this.#parts;
    const [resources, acts, notes] = await Promise.all([
      registry.changes(READ_MAX, call),
      registry.auditEntries(null, READ_MAX, call),
      book.notes(window, limit, call),
    ]);
    const found = [
      ...resources.map(({ at, by, lines }): LoggedChange => ({ at, by, kind: 'resources', what: shortly(lines) })),
      ...acts.filter(isChange).map(({ at, by, act, subject, reason }): LoggedChange => {
        return { at, by, kind: 'act', what: [act, subject, reason && `(${reason})`].filter(Boolean).join(' ') };
      }),
      ...notes.map(({ at, by, what }): LoggedChange => ({ at, by, kind: 'process', what })),
    ]
      .filter(({ at }) => at >= window.from && at < window.to)
      .sort((one, other) => one.at - other.at);
    const isShort = (list: readonly { readonly at: number }[], most: number): boolean =>
      list.length >= most && list.every(({ at }) => at >= window.from);
    return {
      changes: found.slice(-limit),
      complete:
        found.length <= limit && !isShort(resources, READ_MAX) && !isShort(acts, READ_MAX) && notes.length < limit,
    };
  }
}

function isChange({ act }: AuditEntry): boolean {
  return ACTS.has(act.split('.', 1)[0] ?? '');
}

function shortly(lines: readonly string[]): string {
  const more = lines.length - LINES_MAX;
  return [...lines.slice(0, LINES_MAX), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}
