/** A name for an installation key that tells nothing of it, so that people can tell which of their keys opens a backup. */
import { createHmac } from 'node:crypto';
import { isFault } from '#/model/index.ts';
import { openInstallationKey } from '../keys/index.ts';

const SHOWN = 12;

/** A few figures, the same for the life of the key; null where the file is absent or can't be read. */
export function keyIdOf(keyFile: string): string | null {
  try {
    const key = openInstallationKey(keyFile, true);
    return createHmac('sha256', key).update('name of this key').digest('hex').slice(0, SHOWN);
  } catch (error) {
    if (isFault(error, 'key.missing')) return null;
    throw error;
  }
}
