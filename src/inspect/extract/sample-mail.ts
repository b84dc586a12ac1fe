/** For tests: mails to look at, and what comes of it. */
import { after } from 'node:test';
import type { MailFacts, PartFacts, TenantId } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import { type EnvelopeFacts, type ExtractLimits, Extractor } from './index.ts';

const envelope: EnvelopeFacts = {
  tenant: 'acme' as TenantId,
  identity: { kind: 'peer', tenant: null, name: '' },
  sender: null,
  recipients: [],
};

/** So much time that no machine needs it. */
const enoughMs = 120_000;

const patient = { waitMs: enoughMs, threadWaitMs: enoughMs };
/** Its threads begin once for all tests of a file. */
const usual = new Extractor(patient);
after(() => usual[Symbol.asyncDispose]());

export async function factsOf(mail: string | Buffer, limits: Partial<ExtractLimits> | null = null): Promise<MailFacts> {
  const octets = typeof mail === 'string' ? Buffer.from(mail, 'latin1') : mail;
  if (limits === null) return await usual.extract(octets, envelope, within(enoughMs));
  await using extractor = new Extractor({ ...patient, ...limits });
  return await extractor.extract(octets, envelope, within(enoughMs));
}

/** A mail with files, each given as it is. */
export function mailWith(...files: readonly (readonly [name: string, octets: Buffer, type?: string])[]): Buffer {
  const parts = files.map(([name, octets, type = 'application/octet-stream']) => {
    const written = `utf-8''${encodeURIComponent(name).replace(/['*]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`)}`;
    const body = octets.toString('base64').replace(/.{76}/g, '$&\r\n');
    return `--b\r\nContent-Type: ${type}\r\nContent-Disposition: attachment; filename*=${written}\r\nContent-Transfer-Encoding: base64\r\n\r\n${body}\r\n`;
  });
  const head = 'From: a@a.test\r\nTo: b@b.test\r\nSubject: files\r\nMIME-Version: 1.0\r\n';
  const text = '--b\r\nContent-Type: text/plain\r\n\r\nSee the files.\r\n';
  return Buffer.from(`${head}Content-Type: multipart/mixed; boundary=b\r\n\r\n${text}${parts.join('')}--b--\r\n`);
}

/** The part of a path; the test fails without it. */
export function partAt(facts: MailFacts, path: string): PartFacts {
  const part = facts.parts.find((candidate) => candidate.path === path);
  if (part === undefined)
    throw new Error(`no part ${path} among ${facts.parts.map(({ path: there }) => there).join(', ')}`);
  return part;
}

/** All text of a mail, part by part. */
export function textOf(facts: MailFacts): string {
  return facts.parts.map(({ text }) => text ?? '').join('\n');
}

/** What could not be read, as `path why`. */
export function unreadOf(facts: MailFacts): string[] {
  return facts.unread.map(({ part, why }) => `${part} ${why}`);
}
