/** What a person does in Thunderbird's window, by the functions that its menus and keys call. */
import type { Thunderbird } from './start.ts';

// What all scripts begin with. `named` finds a mail by its Message-ID, in the folder of that name.
const BEGIN = `
  const [user, ...given] = args;
  const { MailServices } = ChromeUtils.importESModule('resource:///modules/MailServices.sys.mjs');
  const server = MailServices.accounts.findServer(user, 'localhost', 'imap');
  const inbox = server.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox);
  const folderOf = (name) => (name === 'INBOX' ? inbox : server.rootFolder.getChildNamed(name));
  const named = (folder, id) => [...folder.messages].find(({ messageId }) => messageId === id + '@partner.test');
  const done = (begin) => new Promise((resolve, reject) => {
    const end = (code) => Components.isSuccessCode(code) ? resolve() : reject(new Error('0x' + code.toString(16)));
    begin(
      { OnStartRunningUrl() {}, OnStopRunningUrl: (url, code) => end(code) },
      { onStartCopy() {}, onProgress() {}, setMessageKey() {}, getMessageId: () => '', onStopCopy: end },
    );
  });
  const window = Services.wm.getMostRecentWindow('mail:3pane');
  const until = async (met) => {
    for (const late = Date.now() + 100_000; Date.now() < late; await new Promise((next) => window.setTimeout(next, 100))) {
      const found = await met();
      if (found) return found;
    }
    throw new Error('nothing came in time');
  };
`;

export interface Row {
  readonly id: string;
  readonly subject: string;
  readonly isRead: boolean;
}

export class Person {
  readonly #thunderbird: Thunderbird;
  readonly #user: string;

  constructor(thunderbird: Thunderbird, user: string) {
    this.#thunderbird = thunderbird;
    this.#user = user;
  }

  /** Names of the account's folders. */
  folders(): Promise<readonly string[]> {
    return this.#does('return server.rootFolder.descendants.map(({ name }) => name).sort();');
  }

  /** Asks for what is new in a folder, and lists it as soon as so many mails are there. */
  async lists(folder: string, count: number): Promise<readonly Row[]> {
    return this.#does(
      `
      const folder = folderOf(given[0]);
      await done((listener) => folder.QueryInterface(Ci.nsIMsgImapMailFolder).updateFolderWithListener(null, listener));
      await until(() => [...folder.messages].length >= given[1]);
      return [...folder.messages].map(({ messageId, mime2DecodedSubject, isRead }) =>
        ({ id: messageId.split('@')[0], subject: mime2DecodedSubject, isRead }));`,
      folder,
      count,
    );
  }

  /** Opens the folder in the window and clicks a mail; the text that is shown. */
  opens(folder: string, id: string): Promise<string> {
    return this.#does(
      `
      const folder = folderOf(given[0]);
      const pane = window.document.getElementById('tabmail').currentAbout3Pane;
      pane.displayFolder(folder.URI);
      const row = await until(() => {
        const at = pane.gDBView?.findIndexOfMsgHdr(named(folder, given[1]), true);
        return at >= 0 ? { at } : null;
      });
      pane.threadTree.selectedIndex = row.at;
      return until(() =>
        pane.messageBrowser.contentWindow?.getMessagePaneBrowser?.()?.contentDocument?.body?.textContent.trim());`,
      folder,
      id,
    );
  }

  marksRead(folder: string, id: string): Promise<void> {
    return this.#does(
      'const folder = folderOf(given[0]); folder.markMessagesRead([named(folder, given[1])], true);',
      folder,
      id,
    );
  }

  moves(from: string, id: string, to: string): Promise<void> {
    return this.#does(
      `
      const [from, to] = [folderOf(given[0]), folderOf(given[2])];
      await done((_url, copy) =>
        MailServices.copy.copyMessages(from, [named(from, given[1])], to, true, copy, window.msgWindow, false));`,
      from,
      id,
      to,
    );
  }

  /** Into Trash. */
  deletes(folder: string, id: string): Promise<void> {
    return this.#does(
      `
      const folder = folderOf(given[0]);
      await done((_url, copy) =>
        folder.deleteMessages([named(folder, given[1])], window.msgWindow, false, false, copy, false));`,
      folder,
      id,
    );
  }

  /** Puts a mail of its own into a folder, as it does with what it has sent. */
  keeps(text: string, folder: string): Promise<void> {
    return this.#does(
      `
      const path = PathUtils.join(PathUtils.tempDir, 'mail.eml');
      await IOUtils.writeUTF8(path, given[0]);
      const file = await IOUtils.getFile(path);
      await done((_url, copy) =>
        MailServices.copy.copyFileMessage(file, folderOf(given[1]), null, false, Ci.nsMsgMessageFlags.Read, '', copy, window.msgWindow));`,
      text,
      folder,
    );
  }

  /** Waits until a mail is there that nobody asked for: it is told in IDLE. */
  hears(folder: string, id: string): Promise<string> {
    return this.#does('return until(() => named(folderOf(given[0]), given[1])?.mime2DecodedSubject);', folder, id);
  }

  #does<T>(script: string, ...given: readonly (string | number)[]): Promise<T> {
    return this.#thunderbird.runs<T>(BEGIN + script, this.#user, ...given);
  }
}
