/** The installation key's file: made once, readable by its owner alone, never overwritten. Synchronous: it is read once, at the start. */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { Fault } from '#/model/index.ts';
import { KEY_BYTES } from './seal.ts';

/**
 * The key in `path`: 64 hexadecimal figures and a line end, fit for paper. Where the file is absent it is made, unless
 * `somethingLocked` says that content or keys wrapped by a former key are there: then fault `key.missing`, as for an unreadable one.
 */
export function openInstallationKey(path: string, somethingLocked: boolean): Buffer {
  const found = readKey(path);
  if (found !== null) return found;
  if (somethingLocked) throw new Fault('key.missing', `${path} is not there, and stored content needs it.`);
  makeKeyFile(path);
  const made = readKey(path);
  if (made === null) throw new Fault('key.missing', `${path} could not be made.`);
  return made;
}

function readKey(path: string): Buffer | null {
  let text: string;
  try {
    text = readFileSync(path, 'latin1').trim();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Fault('key.missing', `${path} can't be read.`, cause);
  }
  if (!new RegExp(`^[0-9a-fA-F]{${2 * KEY_BYTES}}$`).test(text))
    throw new Fault('key.missing', `${path} does not hold ${2 * KEY_BYTES} hexadecimal figures.`);
  return Buffer.from(text, 'hex');
}

// Linking under the final name fails where somebody was quicker: then theirs is the key. A rename would replace it.
function makeKeyFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`;
  writeDurably(draft, `${randomBytes(KEY_BYTES).toString('hex')}\n`);
  try {
    linkSync(draft, path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
  } finally {
    unlinkSync(draft);
  }
  flushFolder(dirname(path));
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function flushFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
