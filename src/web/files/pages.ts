/** The pages of a download: what there is, until when, and what to do next. Names of files are anyone's text. */
import { aboutSize } from '#/codec/forms/index.ts';
import type { OpenLink, Seen, SeenFile } from '#/held/index.ts';
import type { Language } from '../page/language.ts';
import { escaped, pageOfLines as page } from '../page/lines.ts';
import { timeText } from './time-text.ts';
import { type FileWords, WORDS } from './words.ts';

/** What happened just now, told on top. */
export type Told =
  | { readonly kind: 'none' }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'mistake'; readonly text: string };

export interface FilesView {
  readonly language: Language;
  /** The path of the page. */
  readonly path: string;
  readonly told: Told;
  /** Name of the company that keeps the files, and its time zone. */
  readonly company: string;
  readonly timezone: string;
  /** Whether the browser has shown that it may fetch. */
  readonly proved: boolean;
  /** A code was sent just now, so the field for it comes first. */
  readonly asked: boolean;
}

/** The page of an open link. */
export function filesPage(seen: OpenLink, view: FilesView): string {
  const { language, path, company, timezone, told } = view;
  const words = WORDS[language];
  const who = seen.owner === null ? company : `${seen.owner} (${company})`;
  const until = seen.expiresAt === null ? null : timeText(seen.expiresAt, language, timezone);
  return page(language, { title: words.title, here: path }, [
    `<h1>${escaped(words.title)}</h1>`,
    `<p>${escaped(words.from(who, seen.files.length))}</p>`,
    ...(until === null
      ? []
      : [`<p>${words.until(`<time datetime="${until.datetime}">${escaped(until.text)}</time>`)}</p>`]),
    ...toldLines(told),
    ...(view.proved || seen.proof === 'none' ? [] : proofLines(seen, view)),
    ...listLines(seen, view),
    `<p class="quiet">${escaped(words.about(company))}</p>`,
  ]);
}

/** The page of a link that gives nothing; the same for one that never was and one that is no more. */
export function closedPage(kind: Exclude<Seen['kind'], 'open'>, language: Language, path: string): string {
  const { title, text } = WORDS[language][kind];
  return page(language, { title, here: path }, [`<h1>${escaped(title)}</h1>`, `<p>${escaped(text)}</p>`]);
}

/** A page of one sentence. */
export function plainPage(language: Language, path: string, text: string): string {
  const { title } = WORDS[language];
  return page(language, { title, here: path }, [`<h1>${escaped(title)}</h1>`, `<p>${escaped(text)}</p>`]);
}

function toldLines(told: Told): readonly string[] {
  if (told.kind === 'none') return [];
  if (told.kind === 'note') return [`<p class="note" role="status">${escaped(told.text)}</p>`];
  return [`<p class="mistake" id="mistake" role="alert">✕ ${escaped(told.text)}</p>`];
}

function proofLines({ proof, address }: OpenLink, view: FilesView): readonly string[] {
  const words = WORDS[view.language];
  if (proof === 'password') return [`<p>${escaped(words.proof.password)}</p>`, ...secretForm('password', view, words)];
  const send = sendForm(view, words);
  const about = `<p>${escaped(words.proof.code(maskedAddress(address)))}</p>`;
  // First things first: without a code there is nothing to enter.
  return view.asked
    ? [...secretForm('code', view, words), ...send]
    : [about, ...send, ...secretForm('code', view, words)];
}

function sendForm(view: FilesView, words: FileWords): readonly string[] {
  const [label, style] = view.asked ? [words.sendAgain, ' class="second"'] : [words.sendCode, ''];
  return [...formBegin(view), `<button name="act" value="code"${style}>${escaped(label)}</button>`, '</form>'];
}

function secretForm(kind: 'code' | 'password', view: FilesView, words: FileWords): readonly string[] {
  const shape = kind === 'code' ? ' inputmode="numeric" autocomplete="one-time-code"' : ' autocomplete="off"';
  const wrong = view.told.kind === 'mistake' ? ' aria-invalid="true" aria-describedby="mistake"' : '';
  return [
    ...formBegin(view),
    `<label for="secret">${escaped(words[kind])}</label>`,
    `<input id="secret" name="secret" type="text" required maxlength="40"${shape}${wrong}>`,
    `<button name="act" value="prove"${kind === 'code' && !view.asked ? ' class="second"' : ''}>${escaped(words.show)}</button>`,
    '</form>',
  ];
}

/** A list, not a table: on a phone the button of each file must be in sight. */
function listLines({ files, proof }: OpenLink, view: FilesView): readonly string[] {
  const words = WORDS[view.language];
  const mayFetch = view.proved || proof === 'none';
  const isUsedUp = files.some(({ left }) => left < 1);
  return [
    '<ul class="files">',
    ...files.map((file) => itemOf(file, view, mayFetch)),
    '</ul>',
    ...(isUsedUp ? [`<p>${escaped(words.noneLeft)}</p>`] : []),
  ];
}

function itemOf({ n, name, bytes, left }: SeenFile, view: FilesView, mayFetch: boolean): string {
  const words = WORDS[view.language];
  const facts = `${aboutSize(bytes).replace(' ', '\u00a0')} · ${words.left(Math.max(0, left))}`;
  const about = `<div>${escaped(name)}<br><span class="quiet">${escaped(facts)}</span></div>`;
  if (!mayFetch) return `<li>${about}</li>`;
  const button = `<button name="act" value="fetch"${left < 1 ? ' disabled' : ''}>${escaped(words.download)}</button>`;
  const form = [...formBegin(view), `<input type="hidden" name="file" value="${n}">`, button, '</form>'];
  return `<li>${about}${form.join('')}</li>`;
}

function formBegin({ path, language }: FilesView): readonly string[] {
  return [`<form method="post" action="${escaped(path)}">`, `<input type="hidden" name="lang" value="${language}">`];
}

/** Enough to know one's own, and no more: whoever has the link is not yet known to be its recipient. */
export function maskedAddress(address: string): string {
  const at = address.lastIndexOf('@');
  return `${Array.from(address)[0] ?? ''}•••${address.slice(at)}`;
}
