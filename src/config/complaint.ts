/**
 * What is wrong with a file, said so that it can be mended: where, what, and what to write instead. All complaints of one reading
 * are collected and reported together; nobody should have to start a server five times to find five mistakes.
 */

/** A step into a document: the key of a map or the index of a list. */
export type Path = readonly (string | number)[];

/** Where something stands in a file, from 1; line 0 is "nowhere in it", such as an environment variable. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** `mistake` keeps the whole from being used; `warning` does not. */
export interface Complaint extends Place {
  readonly severity: 'mistake' | 'warning';
  /** File name as the reader knows it, or `environment`. */
  readonly file: string;
  readonly message: string;
  readonly remedy: string;
}

/** A complaint before its place is known. */
export interface Finding {
  readonly path: Path;
  /** Whether the key itself is meant, not its value. */
  readonly atKey?: boolean;
  readonly severity?: 'mistake' | 'warning';
  readonly message: string;
  readonly remedy: string;
}

/** A message that quotes a file may quote anything; more than this nobody reads. */
const SHOWN_MAX = 1_000;

/** One line as compilers write it: `holdfast.yaml:3:5: mistake: … Remedy: …`. */
export function formatComplaint({ file, line, column, severity, message, remedy }: Complaint): string {
  const place = line > 0 ? `${file}:${line}:${column}` : file;
  return `${place}: ${severity}: ${shown(message)}${remedy === '' ? '' : ` — ${shown(remedy)}`}`;
}

// What a file says must neither end the line nor steer the terminal that shows it.
function shown(text: string): string {
  const bounded = text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
  return bounded.replace(/[\0-\x1f\x7f-\x9f\u2028\u2029]/g, (control) => {
    return `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** All of them, in the order of the file. */
export function formatComplaints(complaints: readonly Complaint[]): string {
  return inOrder(complaints).map(formatComplaint).join('\n');
}

/** Sorted by file and place; the same thing said twice stays once. */
export function inOrder(complaints: readonly Complaint[]): Complaint[] {
  const once = new Map(complaints.map((complaint) => [formatComplaint(complaint), complaint]));
  return [...once.values()].sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column);
}

/** Whether anything in the list forbids going on. */
export function hasMistakes(complaints: readonly Complaint[]): boolean {
  return complaints.some(({ severity }) => severity === 'mistake');
}

/** `routes[0].host`, as people point at it. */
export function formatPath(path: Path): string {
  return path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`)).join('');
}
