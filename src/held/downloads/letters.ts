/**
 * Codes and passwords on their way to the recipient of a link: mails of ours, by the one door. They bypass holds, are answered by nobody and say
 * nothing of what the files are (design 1, design 6).
 */
import { randomUUID } from 'node:crypto';
import { contentFacts, formatTextMail, readHeaders } from '#/codec/mime/index.ts';
import { needsSmtpUtf8 } from '#/codec/smtp/index.ts';
import type { ArrivedMail, Call, MailAddress, MailId, TenantId } from '#/model/index.ts';
import { domainOf, newMailId } from '#/model/index.ts';
import type { Clock, DirectorySource, Routing } from '#/ports/index.ts';

/** Takes a mail into custody; durable when it resolves. */
export type Accept = (mail: ArrivedMail, call: Call) => Promise<void>;

export interface LetterParts {
  readonly hostname: string;
  readonly directory: DirectorySource;
  readonly routing: Routing;
  readonly clock: Clock;
  readonly accept: Accept;
}

export interface LetterTo {
  readonly tenant: TenantId;
  /** The mail that the link came with. */
  readonly parent: MailId;
  readonly address: MailAddress;
  readonly language: 'en' | 'ja';
}

export class LetterBox {
  readonly #parts: LetterParts;

  constructor(parts: LetterParts) {
    this.#parts = parts;
  }

  /** Sends the code that was asked for. */
  sendCode(to: LetterTo, code: string, minutes: number, call: Call): Promise<void> {
    const shown = code.replace(/^(.{4})/, '$1 ');
    return this.#send(to, CODE_WORDS[to.language](this.#companyOf(to), shown, minutes), call);
  }

  /** Sends the password of a link that was delivered. */
  sendPassword(to: LetterTo, password: string, call: Call): Promise<void> {
    return this.#send(to, PASSWORD_WORDS[to.language](this.#companyOf(to), password), call);
  }

  #companyOf({ tenant }: LetterTo): string {
    return this.#parts.directory.current().tenant(tenant)?.name ?? this.#parts.hostname;
  }

  async #send(to: LetterTo, words: Words, call: Call): Promise<void> {
    await this.#parts.accept(this.#arrived(to, this.#written(to, words)), call);
  }

  #written(to: LetterTo, words: Words): Buffer {
    const { hostname, clock } = this.#parts;
    const messageId = `${randomUUID()}@${hostname}`;
    const from = this.#companyOf(to);
    return formatTextMail({ ...words, from, hostname, to: to.address, messageId, at: clock.now() });
  }

  #arrived({ tenant, parent, address }: LetterTo, content: Buffer): ArrivedMail {
    const { clock, directory, routing } = this.#parts;
    const at = clock.now();
    const { destination, held } = routing.plan(address, 'notice', null);
    const isOurs = directory.current().domain(domainOf(address))?.tenant.id === tenant;
    const notify = { success: false, failure: false, delay: false };
    return {
      id: newMailId(at),
      ...{ parent, tenant, origin: 'generated', purpose: 'notice', sender: null },
      identity: { kind: 'system', tenant, name: '' },
      receivedAt: at,
      needs: { eightBit: false, smtpUtf8: needsSmtpUtf8(address), requireTls: false, ret: null, envid: null },
      facts: contentFacts(readHeaders([content])),
      hops: 0,
      size: content.length,
      recipients: [
        {
          ...{ n: 1, address, original: null, orcpt: null, notify, destination, held },
          direction: isOurs ? 'internal' : 'outbound',
        },
      ],
      body: { kind: 'memory', chunks: [content], size: content.length },
    };
  }
}

interface Words {
  readonly subject: string;
  readonly text: string;
}

const CODE_WORDS: Readonly<Record<'en' | 'ja', (company: string, code: string, minutes: number) => Words>> = {
  en: (company, code, minutes) => ({
    subject: 'Your code for a download',
    text: `Your code is\n\n  ${code}\n\nEnter it on the page of the files that ${company} sent you. It is good for ${minutes} minutes, once.\n\nYou did not ask for it? Then somebody else has the link: do not pass the code on, and tell whoever sent you the files.`,
  }),
  ja: (company, code, minutes) => ({
    subject: 'ファイル受け取りの確認コード',
    text: `確認コード：\n\n  ${code}\n\n${company} から届いたファイルの受け取りページで入力してください。有効期限は${minutes}分、使用は1回限りです。\n\nお心当たりがない場合、他の方がリンクを開いた可能性があります。コードを誰にも伝えず、送信者へお知らせください。`,
  }),
};

const PASSWORD_WORDS: Readonly<Record<'en' | 'ja', (company: string, password: string) => Words>> = {
  en: (company, password) => ({
    subject: 'The password for your download',
    text: `The password of the files that ${company} sent you a moment ago is\n\n  ${password}\n\nEnter it on the page that the link in that mail leads to.`,
  }),
  ja: (company, password) => ({
    subject: 'ファイル受け取りのパスワード',
    text: `先ほど ${company} からお送りしたファイルのパスワードです。\n\n  ${password}\n\nそのメールにあるリンク先のページで入力してください。`,
  }),
};
