import type { Finding, PartFacts, Wording } from '#/model/index.ts';

/** What this check asks of a part. */
type NamedPart = Pick<PartFacts, 'path' | 'name'>;

export interface AttachmentNameOptions {
  /** Extensions that may not pass: lower case, without the dot. */
  readonly blocked: ReadonlySet<string>;
}

/** What a double click runs on the systems that people use; and disk images, whose files lose the mark that they came by mail. */
export const BLOCKED_BY_DEFAULT: ReadonlySet<string> = new Set(
  [
    'exe com scr pif cpl msi msp dll bat cmd ps1 hta js jse vbs vbe wsf wsh jar lnk url reg scf chm',
    'application appref-ms settingcontent-ms command pkg dmg iso img vhd vhdx',
  ].flatMap((line) => line.split(' ')),
);

/** What people take for harmless, so that it makes a disguise in front of the real extension. */
const HARMLESS = new Set('pdf doc docx xls xlsx ppt pptx txt csv rtf jpg jpeg png gif mp3 mp4 zip htm html'.split(' '));
/** So many blanks push an extension out of sight; people write fewer. */
const HIDING_BLANKS = / {4}/;
const OVERRIDES = /[\u202d\u202e]/;
const INVISIBLE = /[\p{Cf}\p{Cc}]/gu;
const SHOWN_CHARS = 80;

/** Finds parts whose name will make them a program, however it is dressed; and names that turn the direction of writing. */
export function attachmentName(parts: readonly NamedPart[], options: AttachmentNameOptions): readonly Finding[] {
  return parts.flatMap(({ path, name }) => {
    const reason = name === null ? null : whyNot(name, options);
    return reason === null ? [] : [{ check: 'attachment-name', part: path, reason }];
  });
}

function whyNot(name: string, { blocked }: AttachmentNameOptions): Wording | null {
  for (const saved of namesOnDisk(name)) {
    const extension = extensionOf(saved);
    if (extension === null || !blocked.has(extension)) continue;
    const disguise = disguiseOf(name, saved);
    const [en, ja] =
      disguise === null
        ? ['', '']
        : [`, and its name hides that: ${disguise.en}`, `名前でそれを隠しています（${disguise.ja}）。`];
    return {
      en: `The file “${shown(name)}” is of a kind that may not be sent (.${extension})${en}.`,
      ja: `ファイル「${shown(name)}」は送れない種類（.${extension}）です。${ja}`,
    };
  }
  // Marks of Arabic and Hebrew are in honest names; an override, which writes letters backwards, is not.
  if (!OVERRIDES.test(name)) return null;
  return {
    en: `The name of the file “${shown(name)}” is partly written backwards, which hides what it is.`,
    ja: `ファイル「${shown(name)}」の名前は一部が逆向きに書かれ、種類が隠されています。`,
  };
}

/** What a computer may make of a name: some end it at a NUL, and NTFS takes what stands behind a colon for a stream of the file. */
function namesOnDisk(name: string): ReadonlySet<string> {
  const readings = [name, name.split('\0', 1)[0] ?? ''];
  return new Set(readings.flatMap((reading) => reading.split(':')).map(asSaved));
}

// Full-width and other compatibility forms are the plain ones to many programs; Windows drops blanks and dots at the end.
function asSaved(name: string): string {
  const plain = name.normalize('NFKC').replace(INVISIBLE, '').toLowerCase();
  // A pattern anchored at the end would take quadratic time for a name of blanks.
  let end = plain.length;
  while (end > 0 && (plain[end - 1] === ' ' || plain[end - 1] === '.')) end--;
  return plain.slice(0, end);
}

function extensionOf(saved: string): string | null {
  const dot = saved.lastIndexOf('.');
  return dot === -1 ? null : saved.slice(dot + 1);
}

/** How the extension was kept from sight; null where it stands in the open. */
function disguiseOf(name: string, saved: string): Wording | null {
  const before = saved.slice(0, saved.lastIndexOf('.'));
  if (OVERRIDES.test(name)) return { en: 'part of it is written backwards', ja: '一部が逆向きに書かれている' };
  if (name.includes('\0'))
    return { en: 'it holds a character that ends a name early', ja: '名前を途中で終わらせる文字がある' };
  if (HIDING_BLANKS.test(name.normalize('NFKC')))
    return { en: 'blanks push the end out of sight', ja: '空白で末尾が見えなくなっている' };
  if (!name.toLowerCase().endsWith(saved.slice(before.length))) return hiddenEnd(name);
  const inner = extensionOf(before);
  if (inner === null || !HARMLESS.has(inner)) return null;
  return { en: `it looks like a .${inner}`, ja: `.${inner} のように見える` };
}

function hiddenEnd(name: string): Wording {
  if (name.replace(INVISIBLE, '') !== name) return { en: 'it holds invisible characters', ja: '見えない文字がある' };
  if (name.includes(':')) return { en: 'a colon makes a part of it disappear', ja: 'コロンで一部が消える' };
  if (/[ .]$/.test(name))
    return { en: 'what stands behind the extension is dropped when it is saved', ja: '拡張子の後ろが保存時に消える' };
  return { en: 'it is written in letters that only look the same', ja: '見た目だけ同じ文字で書かれている' };
}

// For people to read: without what would turn, hide or end the sentence around it.
function shown(name: string): string {
  const plain = name.replace(INVISIBLE, '').replace(/ {2,}/g, ' … ');
  return plain.length <= SHOWN_CHARS ? plain : `…${plain.slice(-SHOWN_CHARS)}`;
}
