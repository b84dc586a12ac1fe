/**
 * Signs mail that leaves (`ports/mail-signer.ts`): who may be signed for, by which keys, and the signature itself.
 *
 * Mail of somebody who has shown who they are is signed for the domain of its From field, where that is a proven domain of their tenant. Reports and
 * notices of ours are signed for this host's name. The keys are those that signed when the mail was accepted, and the signature has that time:
 * a later attempt writes the same.
 *
 * What must never happen: mail of a stranger signed, be it forwarded or answered to; a mail with two authors' fields signed for the first one.
 */
import { sign } from 'node:crypto';
import { promisify } from 'node:util';
import { BodyHash, prepareSignature } from '#/codec/dkim/index.ts';
import { countFields, firstFrom, type HeaderSection, headerBytesMax, readHeaders } from '#/codec/mime/index.ts';
import { domainToAscii, parseMailAddress } from '#/codec/smtp/index.ts';
import { type Domain, domainOf, isProven, type MailInCustody, SYSTEM_TENANT, type TenantId } from '#/model/index.ts';
import type { DirectorySource, MailSigner } from '#/ports/index.ts';
import type { KeyBook, SigningKey } from './key-book.ts';

const inThread = promisify(sign);

export interface SigningParts {
  readonly book: Pick<KeyBook, 'known' | 'keysOf'>;
  readonly directory: DirectorySource;
}

/** The signer of a process. */
export function mailSigner({ hostname }: { readonly hostname: Domain }, { book, directory }: SigningParts): MailSigner {
  return {
    mayConcern(mail) {
      const owner = ownerOf(mail);
      return owner !== null && book.known(owner)?.length !== 0;
    },

    async sign(mail, content) {
      const owner = ownerOf(mail);
      const all = owner === null ? [] : await book.keysOf(owner);
      if (owner === null || all.length === 0) return null;
      const body = new BodyHash('relaxed');
      const section = await readWhole(content, body);
      const from = section === null ? null : authorDomain(section);
      if (section === null || from === null || !isOwn(from, owner)) return null;
      const keys = keysFor(all, from, mail.receivedAt);
      if (keys.length === 0) return null;
      const { hash } = body.end();
      return Buffer.concat(await Promise.all(keys.map((key) => fieldOf(section, hash, key, mail.receivedAt))));
    },
  };

  function isOwn(domain: Domain, owner: TenantId): boolean {
    if (owner === SYSTEM_TENANT) return domain === domainToAscii(hostname);
    // Of proven domains alone (design 6).
    return (
      directory
        .current()
        .tenant(owner)
        ?.domains.some(({ name, proven }) => proven && domainToAscii(name) === domain) === true
    );
  }
}

/** Whose keys may sign it; null: nobody's. */
function ownerOf({ identity, origin, purpose, tenant }: MailInCustody): TenantId | null {
  if (purpose === 'dsn' || purpose === 'notice') return SYSTEM_TENANT;
  return isProven(identity) && identity.tenant === tenant && origin === 'received' ? tenant : null;
}

/** The header section, while the body goes through its hash; null where the section has no end within its bounds. */
async function readWhole(
  content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  body: BodyHash,
): Promise<HeaderSection | null> {
  let head: Uint8Array[] | null = [];
  let bytes = 0;
  let section: HeaderSection | null = null;
  const look = (): void => {
    if (head === null) return;
    const found = readHeaders(head);
    if (!found.complete) return;
    section = found;
    for (const part of behind(head, found.bytes)) body.push(part);
    head = null;
  };
  for await (const piece of content) {
    if (head === null) body.push(piece);
    else {
      head.push(piece);
      bytes += piece.length;
      // As much as a section may have, or what has its end for certain.
      if (bytes >= headerBytesMax || Buffer.from(piece.buffer, piece.byteOffset, piece.length).includes('\r\n\r\n'))
        look();
      if (head !== null && bytes >= headerBytesMax) return null;
    }
  }
  look();
  return section;
}

function behind(parts: readonly Uint8Array[], from: number): Uint8Array[] {
  let at = 0;
  return parts.flatMap((part) => {
    const rest = part.subarray(Math.max(0, Math.min(part.length, from - at)));
    at += part.length;
    return rest.length > 0 ? [rest] : [];
  });
}

/** The domain of who wrote it, as DNS knows it; null where that is not certain. */
function authorDomain(section: HeaderSection): Domain | null {
  if (countFields(section, 'from') !== 1) return null;
  const address = parseMailAddress(firstFrom(section)?.address ?? '');
  return address === null ? null : domainToAscii(domainOf(address));
}

/** Of each algorithm the one that signed last at that time. */
function keysFor(all: readonly SigningKey[], domain: Domain, at: number): readonly SigningKey[] {
  const then = all.filter(
    (key) => domainToAscii(key.domain) === domain && (key.activeAt ?? at + 1) <= at && (key.retiredAt ?? at + 1) > at,
  );
  const byAlgorithm = Map.groupBy(then, ({ algorithm }) => algorithm);
  return [...byAlgorithm.keys()].sort().flatMap((one) => {
    const [newest] = [...(byAlgorithm.get(one) ?? [])].sort((a, b) => (b.activeAt ?? 0) - (a.activeAt ?? 0));
    return newest === undefined ? [] : [newest];
  });
}

async function fieldOf(section: HeaderSection, bodyHash: Buffer, key: SigningKey, acceptedAt: number): Promise<Buffer> {
  const { algorithm, domain, selector, privateKey } = key;
  const at = Math.floor(acceptedAt / 1000);
  const unsigned = prepareSignature(section, bodyHash, { algorithm, domain: domainToAscii(domain), selector, at });
  const { octets, digest } = unsigned;
  // RSA takes a thousand times as long as all else: it is done beside the loop.
  const isQuick = algorithm === 'ed25519-sha256';
  return unsigned.finish(isQuick ? sign(digest, octets, privateKey) : await inThread(digest, octets, privateKey));
}
