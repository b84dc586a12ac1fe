/**
 * Names of folders beside each other in a Maildir (Maildir++): `.Work.2026`, letters beyond ASCII in modified UTF-7 (RFC 3501 §5.1.3). A dot
 * inside a name is written `\2e`, as Dovecot's `mailbox_list_storage_escape_char = "\"` does.
 */
import { decodeName, encodeName } from '#/codec/imap/index.ts';

/** The levels of a folder's name; null where the file name is none of a folder. */
export function parseMaildirFolder(fileName: string): readonly string[] | null {
  if (!/^\.[^.]/.test(fileName)) return null;
  const levels = fileName.slice(1).split('.').map(parseMaildirLevel);
  return levels.includes('') ? null : levels;
}

/** One level as people read it; what is in no letters that we know stays as it is. */
export function parseMaildirLevel(text: string): string {
  const octets = Buffer.from(text).toString('latin1');
  const name = decodeName(octets, false) ?? text;
  return name.replaceAll(/\\([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The file name of a folder. */
export function formatMaildirFolder(levels: readonly string[]): string {
  return levels.map((level) => `.${encodeName(escaped(level), false)}`).join('');
}

function escaped(level: string): string {
  return level.replaceAll(/[\\./]/g, (letter) => `\\${letter.charCodeAt(0).toString(16)}`);
}
