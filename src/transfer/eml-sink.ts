/** Mailboxes as folders of `.eml` files, octet by octet, with a list beside them of what files can't say. */
import { join } from 'node:path';
import { EXPORT_LIST, formatExportLine } from '#/codec/mail-files/index.ts';
import type { Mailbox } from '#/model/index.ts';
import { placeOf } from './level-places.ts';
import { newFile, newFolder, writeNew } from './new-files.ts';
import type { FolderSink, Sink } from './sink.ts';

/** Figures of a file's name: UIDs in their order for whoever lists the folder. */
const UID_DIGITS = 10;

export class EmlSink implements Sink {
  readonly #root: string;
  readonly #isAlone: boolean;

  /** `isAlone`: the one mailbox that comes stands in the folder itself. */
  constructor(root: string, isAlone: boolean) {
    this.#root = root;
    this.#isAlone = isAlone;
  }

  async open({ name }: Mailbox): Promise<FolderSink> {
    const folder = this.#isAlone ? this.#root : join(this.#root, placeOf(name));
    await newFolder(folder);
    const list = await newFile(join(folder, EXPORT_LIST));
    return {
      write: async ({ uid, content, flags, receivedAt, uidl }) => {
        const file = `${String(uid).padStart(UID_DIGITS, '0')}.eml`;
        await writeNew(join(folder, file), [content]);
        const received = new Date(receivedAt ?? 0).toISOString();
        await list.writeFile(formatExportLine({ file, bytes: content.length, received, flags, uidl }));
      },
      close: () => list.close(),
    };
  }

  async finish(): Promise<void> {}
}
