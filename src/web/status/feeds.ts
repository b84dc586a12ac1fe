/** Feeds of what changed: RSS 2.0, and Atom (RFC 4287). */
import type { StateChange, StatusView } from '#/model/index.ts';
import { html, type Markup } from '../page/markup.ts';
import { titleOf } from './changes.ts';
import { WORDS } from './words.ts';

const SHOWN = 50;
const HEAD = '<?xml version="1.0" encoding="utf-8"?>\n';

/** RSS 2.0. */
export function rssOf({ name, url, at, changes }: StatusView): string {
  const words = WORDS.en;
  const items = changes.slice(0, SHOWN).map(
    (
      change,
    ) => html`<item><title>${titleOf(change, words)}</title><link>${url}/status/history</link><guid isPermaLink="false">${idOf(url, change)}</guid><pubDate>${new Date(change.at).toUTCString()}</pubDate><description>${inHtml(textOf(change))}</description></item>
`,
  );
  return `${HEAD}${html`<rss version="2.0"><channel>
<title>${words.title(name)}</title><link>${url}/status</link><description>${words.historyAbout}</description><language>en</language><lastBuildDate>${new Date(at).toUTCString()}</lastBuildDate>
${items}</channel></rss>
`.toString()}`;
}

/** RFC 4287 §4.1.1: a feed has an id, a title, the time of its last change, and an author. */
export function atomOf({ name, url, at, changes }: StatusView): string {
  const words = WORDS.en;
  const entries = changes.slice(0, SHOWN).map(
    (
      change,
    ): Markup => html`<entry><id>${idOf(url, change)}</id><title>${titleOf(change, words)}</title><updated>${timeOf(change.at)}</updated><link href="${url}/status/history"/><content type="text">${textOf(change)}</content></entry>
`,
  );
  return `${HEAD}${html`<feed xmlns="http://www.w3.org/2005/Atom">
<id>${url}/status</id><title>${words.title(name)}</title><updated>${timeOf(changes[0]?.at ?? at)}</updated><author><name>${name}</name></author>
<link rel="self" href="${url}/status/history.atom"/><link href="${url}/status"/>
${entries}</feed>
`.toString()}`;
}

/** The same for ever, for readers that tell old from new by it. */
function idOf(url: string, { component, at }: StateChange): string {
  return `${url}/status/changes/${component}/${at}`;
}

function textOf({ reasons, since }: StateChange): string {
  const said = reasons.map(({ text }) => text.en).join(' ');
  return said === '' ? 'It works again.' : `${said} Since ${timeOf(since)}.`;
}

/** What an RSS item describes is HTML: text becomes HTML first, and then text of the feed, as any is. */
function inHtml(text: string): string {
  return html`${text}`.toString();
}

function timeOf(at: number): string {
  return new Date(at).toISOString();
}
