/** What a disk says, in words that name the remedy. */
import { Refusal } from '#/ports/index.ts';

const SAID: Readonly<Record<string, { readonly exit: 1 | 2 | 4; readonly text: string }>> = {
  EACCES: {
    exit: 2,
    text: 'may not be read or written by this user. Give the command as the user that the server runs as.',
  },
  EPERM: { exit: 2, text: 'may not be changed by this user. Give the command as the user that the server runs as.' },
  EROFS: { exit: 2, text: 'lies on a disk that is mounted for reading alone.' },
  ENOTDIR: { exit: 2, text: 'is not a folder.' },
  EEXIST: { exit: 2, text: 'is there already, and is not a folder.' },
  ENOSPC: { exit: 4, text: 'does not fit: its disk is full. Free some room, or name another disk.' },
  EDQUOT: { exit: 4, text: 'does not fit: the quota of this user is used up.' },
  EIO: { exit: 1, text: "can't be read or written: its disk is failing." },
};

/** What `work` gives; a refusal for what a disk may say of a folder that a person named. */
export async function plainly<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code = '', path = 'A file' } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
    const said = SAID[code];
    if (said === undefined) throw error;
    throw new Refusal(said.exit, `${path} ${said.text}`);
  }
}
