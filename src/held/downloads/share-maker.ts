/** Keeps what a change cuts out of a mail, before the verdict that names it is handed on (design 1, Same bytes at every retry). */
import { createHash } from 'node:crypto';
import { fileNameOf } from '#/codec/mime/index.ts';
import {
  type BlobRef,
  type Call,
  type Change,
  isProven,
  type MadeShare,
  type MailAddress,
  type MailInCustody,
  type ShareId,
} from '#/model/index.ts';
import type {
  Blobs,
  Clock,
  CutFile,
  DirectorySource,
  Downloads,
  KeepAnswer,
  Log,
  NewFile,
  NewLink,
  ShareMaker,
  ShareOrder,
} from '#/ports/index.ts';
import type { DownloadLimits } from './limits.ts';
import { type LinkKeys, tokenHashOf } from './link-keys.ts';

export interface ShareMakerParts {
  readonly downloads: Pick<Downloads, 'has' | 'keep'>;
  readonly blobs: Pick<Blobs, 'create' | 'condemn'>;
  readonly keys: LinkKeys;
  readonly directory: DirectorySource;
  readonly clock: Clock;
  readonly log: Log;
  /** Public base of the pages, without a stroke at its end. */
  readonly base: string;
}

type Links = Extract<Change, { kind: 'secureLinks' }>;

export class FileShareMaker implements ShareMaker {
  readonly #parts: ShareMakerParts;
  readonly #limits: DownloadLimits;

  constructor(parts: ShareMakerParts, limits: DownloadLimits) {
    this.#parts = parts;
    this.#limits = limits;
  }

  /** The operator hears of mail whose files can't be kept: it waits (ports/shares.ts). */
  async make(order: ShareOrder, call: Call): Promise<MadeShare | 'full' | 'revoked'> {
    const { log } = this.#parts;
    const about = { incident: true, tenant: order.mail.tenant, message: order.mail.id };
    try {
      const made = await this.#make(order, call);
      if (made === 'full') log.error('download.no-room', about);
      return made;
    } catch (error) {
      log.error('download.not-kept', { ...about, why: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  }

  async #make(order: ShareOrder, call: Call): Promise<MadeShare | 'full' | 'revoked'> {
    const { mail, change, language, files } = order;
    const id = shareIdOf(mail, change);
    const isKnown = await this.#parts.downloads.has(id, call);
    const first = isKnown ? await this.#keep(id, order, [], call) : 'ended';
    // Its last link may have ended since it was asked for: then its files go, and are kept anew.
    const answer = first === 'ended' ? await this.#keep(id, order, await this.#keptFiles(order, call), call) : first;
    if (answer !== 'kept') return answer === 'revoked' ? answer : 'full';
    return { id, base: this.#parts.base, language, files: files.map((file, i) => shownFile(file, i, language)) };
  }

  async #keep(id: ShareId, order: ShareOrder, files: readonly NewFile[], call: Call): Promise<KeepAnswer> {
    const { downloads, clock } = this.#parts;
    const { mail, change, language } = order;
    const share = {
      id,
      ...{ tenant: mail.tenant, message: mail.id, owner: ownerOf(mail), subject: mail.facts.subject, language },
      ...{ proof: change.proof, expireMs: change.expireMs, downloads: change.downloads, madeAt: clock.now() },
      files,
      links: order.recipients.map((recipient) => this.#linkOf(id, recipient, change)),
    };
    const answer = await downloads.keep(share, this.#quotaOf(mail), call);
    if (answer !== 'kept') await this.#giveUp(mail, files, call);
    return answer;
  }

  #quotaOf({ tenant }: MailInCustody): number {
    return this.#parts.directory.current().tenant(tenant)?.downloadBytes ?? this.#limits.quotaBytes;
  }

  #linkOf(share: ShareId, { n, address, version }: ShareOrder['recipients'][number], { proof }: Links): NewLink {
    const { keys } = this.#parts;
    const link = { share, n };
    const secretHash = proof === 'password' ? keys.secretHash(link, keys.password(link).replaceAll('-', '')) : null;
    return { n, address, version, secretHash, tokenHash: tokenHashOf(keys.token(link)) ?? '' };
  }

  async #keptFiles({ mail, files, language }: ShareOrder, call: Call): Promise<readonly NewFile[]> {
    const kept: NewFile[] = [];
    try {
      for (const [i, file] of files.entries()) {
        const { octets } = file;
        const isSmall = octets.length <= this.#limits.inlineBytesMax;
        const content = isSmall ? octets : await this.#blobOf(mail, octets, call);
        kept.push({ name: shownFile(file, i, language).name, bytes: octets.length, content });
      }
      return kept;
    } catch (error) {
      await this.#giveUp(mail, kept, call).catch(() => {});
      throw error;
    }
  }

  async #blobOf({ tenant }: MailInCustody, octets: Buffer, call: Call): Promise<BlobRef> {
    const writer = await this.#parts.blobs.create(tenant, call);
    try {
      for (let at = 0; at < octets.length; at += PIECE_BYTES) await writer.write(octets.subarray(at, at + PIECE_BYTES));
      return await writer.finish();
    } finally {
      await writer.abort();
    }
  }

  async #giveUp({ tenant }: MailInCustody, kept: readonly NewFile[], call: Call): Promise<void> {
    const keys = kept.flatMap(({ content }) => (content instanceof Uint8Array ? [] : [content.key]));
    if (keys.length > 0) await this.#parts.blobs.condemn(tenant, keys, call);
  }
}

const PIECE_BYTES = 256 * 1024;
/** 60 bits: changes of one mail are few. */
const DIGEST_CHARS = 15;

/** The same for the same change of the same mail: inspected again, it is the same share. */
export function shareIdOf({ id }: Pick<MailInCustody, 'id'>, change: Links): ShareId {
  const { parts, expireMs, downloads, proof } = change;
  const terms = JSON.stringify([parts, expireMs, downloads, proof]);
  return `${id}.${createHash('sha256').update(terms).digest('hex').slice(0, DIGEST_CHARS)}` as ShareId;
}

/** Whose files they are: who signed in; of a server of the tenant, whom it says. */
function ownerOf({ identity, sender }: MailInCustody): MailAddress | null {
  if (!isProven(identity)) return null;
  return identity.kind === 'user' ? (identity.name as MailAddress) : sender;
}

function shownFile({ name, octets }: CutFile, i: number, language: 'en' | 'ja'): { name: string; bytes: number } {
  return { name: fileNameOf(name, i + 1, language), bytes: octets.length };
}
