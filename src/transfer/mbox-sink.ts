/** Mailboxes as files of mbox: one file, or a tree of them (`Work.mbox`, `Work/2026.mbox`). */
import { dirname, join } from 'node:path';
import { formatMboxMessage } from '#/codec/mail-files/index.ts';
import type { Mailbox } from '#/model/index.ts';
import { placeOf } from './level-places.ts';
import { newFile, newFolder } from './new-files.ts';
import type { FolderSink, Sink } from './sink.ts';

export class MboxSink implements Sink {
  readonly #root: string;
  readonly #isFile: boolean;

  /** `isFile`: the one mailbox that comes is this file. */
  constructor(root: string, isFile: boolean) {
    this.#root = root;
    this.#isFile = isFile;
  }

  async open({ name }: Mailbox): Promise<FolderSink> {
    const path = this.#isFile ? this.#root : `${join(this.#root, placeOf(name))}.mbox`;
    await newFolder(dirname(path));
    const file = await newFile(path);
    return {
      write: async (message) => {
        for (const piece of formatMboxMessage(message)) await file.writeFile(piece);
      },
      close: () => file.close(),
    };
  }

  async finish(): Promise<void> {}
}
