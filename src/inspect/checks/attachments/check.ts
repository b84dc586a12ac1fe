import type { MailFacts, PartFacts } from '#/model/index.ts';
import type { AttachmentTraits, FileType } from '#/policy/index.ts';
import { type Hit, quoted } from '../../hits.ts';
import { attachmentName, BLOCKED_BY_DEFAULT } from '../attachment-name/index.ts';
import { kindOfName, kindOfType } from './file-types.ts';

/** Attachments, and files inside of them, that have all the traits. Without traits: attachments themselves, and nothing inside. */
export function* attachments({ parts }: Pick<MailFacts, 'parts'>, traits: AttachmentTraits): Generator<Hit> {
  const globs = traits.names.map(globOf);
  for (const part of parts) {
    if (!isFile(part, traits) || !hasTraits(part, traits, globs)) continue;
    const shown = quoted(part.name ?? part.path);
    yield {
      key: part.path,
      part: part.path,
      reason: { en: `The file “${shown}” is attached.`, ja: `ファイル「${shown}」が添付されています。` },
    };
  }
}

/** Whether something that was not read may hold such a file: what is locked or packed too deeply may be anything. */
export function mayHideAttachment(
  { unread, parts }: Pick<MailFacts, 'unread' | 'parts'>,
  traits: AttachmentTraits,
): boolean {
  const asksContent = traits.macro || traits.types.length > 0;
  const asksName = traits.names.length > 0 || traits.dangerous;
  // A locked ZIP still lists its names.
  const isListed = (path: string) => parts.some((part) => part.path.startsWith(`${path}/`));
  return unread.some(({ part, why }) => {
    if (why === 'unknown-format' || why === 'damaged') return asksContent;
    return asksContent || (asksName && !(why === 'encrypted' && isListed(part)) && why !== 'too-large');
  });
}

// `count: { min: 3 }` means what the sender attached, not what an archive holds.
function isFile({ role }: PartFacts, traits: AttachmentTraits): boolean {
  return role === 'attachment' || (role === 'inside' && !isPlain(traits));
}

function isPlain({ names, types, sizeMin, encrypted, macro, disguised, dangerous }: AttachmentTraits): boolean {
  return names.length + types.length === 0 && sizeMin === null && !encrypted && !macro && !disguised && !dangerous;
}

function hasTraits(part: PartFacts, traits: AttachmentTraits, globs: readonly RegExp[]): boolean {
  const names = namesOf(part);
  if (globs.length > 0 && !names.some((name) => globs.some((glob) => glob.test(name.normalize('NFKC').toLowerCase()))))
    return false;
  if (traits.types.length > 0 && !kindsOf(part).some((kind) => traits.types.includes(kind))) return false;
  if (traits.sizeMin !== null && part.size < traits.sizeMin) return false;
  if ((traits.encrypted && !part.encrypted) || (traits.macro && !part.macro)) return false;
  if (traits.disguised && !isDisguised(part)) return false;
  return !traits.dangerous || isDangerous(part);
}

function namesOf({ name, otherNames }: PartFacts): string[] {
  return [...(name === null ? [] : [name]), ...otherNames];
}

/** What it is by its octets; by its name too, since a type that nobody knows is still opened by what its name promises. */
function kindsOf(part: PartFacts): FileType[] {
  return [kindOfType(part.trueType), ...namesOf(part).map(kindOfName)].filter((kind) => kind !== null);
}

function isDisguised(part: PartFacts): boolean {
  const truth = kindOfType(part.trueType);
  if (part.trueType === null) return false;
  const claims = [...namesOf(part).map(kindOfName), kindOfType(part.declaredType)].filter((kind) => kind !== null);
  // An office document is a ZIP to whoever looks from outside, and an old one a container of its own.
  return claims.some(
    (claim) =>
      claim !== truth &&
      !(claim === 'office' && truth === 'archive' && part.trueType !== 'application/x-rar-compressed'),
  );
}

function isDangerous(part: PartFacts): boolean {
  if (kindOfType(part.trueType) === 'executable') return true;
  const named = namesOf(part).map((name) => ({ path: part.path, name }));
  return attachmentName(named, { blocked: BLOCKED_BY_DEFAULT }).length > 0;
}

/** `*` is any run, `?` any character. A name has 255 characters at most, so no glob takes long; runs of `*` are one. */
function globOf(glob: string): RegExp {
  const parts = glob
    .normalize('NFKC')
    .replace(/\*{2,}/g, '*')
    .split(/([*?])/);
  const source = parts.map((part) => (part === '*' ? '.*' : part === '?' ? '.' : RegExp.escape(part))).join('');
  return new RegExp(`^${source}$`, 'su');
}
