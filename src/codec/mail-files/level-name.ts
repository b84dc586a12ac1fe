/** A level of a mailbox's name as the name of a file or folder: what could mean something to a file system is written `%2E`. */
import { levelBytesMax } from './limits.ts';

/** Null where it is too long for a file name. A leading dot would hide it or lead upwards; a suffix of ours would be taken for a file. */
export function formatLevel(level: string): string | null {
  const name = level
    .replaceAll(/[%\p{Cc}/\\:*?"<>|]/gu, percent)
    .replace(/^\./, percent)
    .replace(/[. ]$/, percent)
    .replace(/\.(?=(eml|mbox)$)/i, percent);
  return Buffer.byteLength(name) <= levelBytesMax ? name : null;
}

export function parseLevel(name: string): string {
  return name.replaceAll(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function percent(letter: string): string {
  return `%${letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
