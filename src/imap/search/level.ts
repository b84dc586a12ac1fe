/** How much has to be read of a message before a key can be judged: what needs little is asked first, and what it leaves out is not read. */
import type { SearchKey } from '#/codec/imap/index.ts';

/** 0: nothing but the UID; 1: its row; 2: what was read of it when it came; 3: its header section too. */
export type Level = 0 | 1 | 2 | 3;
export const LEVELS: readonly Level[] = [0, 1, 2, 3];

export function levelOf(key: SearchKey): Level {
  switch (key.kind) {
    case 'all':
    case 'saveDateSupported':
    case 'numbers':
    case 'uids':
    case 'text':
      return 0;
    case 'flag':
    case 'age':
    case 'size':
    case 'modseq':
    case 'emailid':
    case 'threadid':
      return 1;
    case 'day':
      return key.of === 'sent' ? 2 : 1;
    case 'header':
      return 3;
    case 'not':
      return levelOf(key.key);
    case 'or':
    case 'and':
      return Math.max(...key.keys.map(levelOf)) as Level;
  }
}

/** What all must be true of: an AND in an AND is part of it. */
export function conjuncts(key: SearchKey): readonly SearchKey[] {
  return key.kind === 'and' ? key.keys.flatMap(conjuncts) : [key];
}

/** Whether such a key is in it somewhere. */
export function holds(key: SearchKey, is: (key: SearchKey) => boolean): boolean {
  if (is(key)) return true;
  if (key.kind === 'not') return holds(key.key, is);
  return (key.kind === 'and' || key.kind === 'or') && key.keys.some((inner) => holds(inner, is));
}
