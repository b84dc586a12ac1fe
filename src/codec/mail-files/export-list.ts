/** The list that lies beside exported `.eml` files: what a file can't say of its message. One line of JSON each. */
import type { Flag } from '#/model/index.ts';

/** The list's name in its folder. */
export const EXPORT_LIST = '.holdfast-export.jsonl';

export interface ExportLine {
  readonly file: string;
  readonly bytes: number;
  readonly received: string;
  readonly flags: readonly Flag[];
  readonly uidl: string | null;
}

export function formatExportLine(line: ExportLine): string {
  return `${JSON.stringify(line)}\n`;
}

/** Null where it is none of ours. */
export function parseExportLine(text: string): ExportLine | null {
  const line = parsed(text) as Partial<ExportLine> | null;
  if (typeof line !== 'object' || line === null) return null;
  const { file, bytes, received, flags, uidl } = line;
  if (typeof file !== 'string' || typeof bytes !== 'number' || typeof received !== 'string') return null;
  if (!Array.isArray(flags) || !flags.every((flag) => typeof flag === 'string')) return null;
  if (Number.isNaN(Date.parse(received)) || (uidl !== null && typeof uidl !== 'string')) return null;
  return { file, bytes, received, flags, uidl };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
