/** The thread that reads a document as inspection reads it in a mail, and makes numbers of it: its text never leaves this thread. It has no network and writes nothing. */
import { parentPort } from 'node:worker_threads';
import { type TenantId, within } from '#/model/index.ts';
import { shinglesIn } from '../checks/fingerprint/index.ts';
import { Extractor } from '../extract/index.ts';
import { MailTexts } from '../text/index.ts';
import { DOCUMENT_NUMBERS_MAX } from './limits.ts';
import type { DocumentQuestion, ReadDocument } from './reading.ts';

const NOBODY = {
  tenant: '' as TenantId,
  identity: { kind: 'peer', tenant: null, name: '' },
  sender: null,
  recipients: [],
} as const;

parentPort?.on('message', (question: DocumentQuestion) => void answer(question));

async function answer({ name, content, waitMs }: DocumentQuestion): Promise<void> {
  await using extractor = new Extractor({ waitMs });
  const facts = await extractor.extract(mailOf(name, content), NOBODY, within(waitMs));
  const numbers = new Set<number>();
  let chars = 0;
  // Names of files are no part of what they say.
  const parts = facts.parts.map((part) => ({ ...part, name: null, otherNames: [] }));
  for (const { raw, words } of new MailTexts({ ...facts, subject: '', parts }).of(['body', 'attachments'])) {
    chars += raw.length;
    for (const number of shinglesIn(words)) if (numbers.size <= DOCUMENT_NUMBERS_MAX) numbers.add(number);
  }
  const kept = [...numbers].slice(0, DOCUMENT_NUMBERS_MAX);
  const isCut = numbers.size > kept.length || facts.parts.some(({ textCut }) => textCut);
  const said: ReadDocument = { numbers: Uint32Array.from(kept).sort(), chars, isCut, unread: facts.unread };
  parentPort?.postMessage(said);
  parentPort?.postMessage('done');
}

/** A mail with nothing but this file. */
function mailOf(name: string, content: Uint8Array): Buffer {
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /['*()!]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  );
  const head = [
    'MIME-Version: 1.0',
    'Content-Type: application/octet-stream',
    // RFC 2231 §4.
    `Content-Disposition: attachment; filename*=utf-8''${encoded}`,
    'Content-Transfer-Encoding: base64',
  ].join('\r\n');
  const octets = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const lines: string[] = [];
  for (let from = 0; from < octets.length; from += LINE_OCTETS)
    lines.push(octets.toString('base64', from, Math.min(from + LINE_OCTETS, octets.length)));
  return Buffer.from(`${head}\r\n\r\n${lines.join('\r\n')}\r\n`);
}

/** 76 characters of base64 (RFC 2045 §6.8). */
const LINE_OCTETS = 57;
