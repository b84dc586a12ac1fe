/** Feeds of what happened: what was told of incidents and planned work, and changes of state; RSS 2.0, and Atom (RFC 4287). */
import { type Incident, inLanguage, isOver, type StateChange, type StatusView } from '#/model/index.ts';
import { html, type Markup } from '../page/markup.ts';
import { titleOf } from './changes.ts';
import { WORDS } from './words.ts';

const SHOWN = 50;
const HEAD = '<?xml version="1.0" encoding="utf-8"?>\n';

/** One thing that happened. */
interface Item {
  /** The same for ever, for readers that tell old from new by it. */
  readonly id: string;
  readonly title: string;
  readonly link: string;
  /** Wall-clock ms. */
  readonly at: number;
  readonly text: string;
}

/** RSS 2.0. */
export function rssOf(view: StatusView): string {
  const { name, url, at } = view;
  const words = WORDS.en;
  const items = itemsOf(view).map(
    (
      one,
    ) => html`<item><title>${one.title}</title><link>${one.link}</link><guid isPermaLink="false">${one.id}</guid><pubDate>${new Date(one.at).toUTCString()}</pubDate><description>${inHtml(one.text)}</description></item>
`,
  );
  return `${HEAD}${html`<rss version="2.0"><channel>
<title>${words.title(name)}</title><link>${url}/status</link><description>${words.feedAbout}</description><language>en</language><lastBuildDate>${new Date(at).toUTCString()}</lastBuildDate>
${items}</channel></rss>
`.toString()}`;
}

/** RFC 4287 §4.1.1: a feed has an id, a title, the time of its last change, and an author. */
export function atomOf(view: StatusView): string {
  const { name, url, at } = view;
  const words = WORDS.en;
  const items = itemsOf(view);
  const entries = items.map(
    (
      one,
    ): Markup => html`<entry><id>${one.id}</id><title>${one.title}</title><updated>${timeOf(one.at)}</updated><link href="${one.link}"/><content type="text">${one.text}</content></entry>
`,
  );
  return `${HEAD}${html`<feed xmlns="http://www.w3.org/2005/Atom">
<id>${url}/status</id><title>${words.title(name)}</title><updated>${timeOf(items[0]?.at ?? at)}</updated><author><name>${name}</name></author>
<link rel="self" href="${url}/status/history.atom"/><link href="${url}/status"/>
${entries}</feed>
`.toString()}`;
}

/** The newest first. */
function itemsOf({ url, changes, incidents }: StatusView): readonly Item[] {
  const told = incidents.flatMap((incident) => toldOf(incident, url));
  const changed = changes.map((change): Item => {
    const id = `${url}/status/changes/${change.component}/${change.at}`;
    const title = titleOf(change, WORDS.en);
    return { id, title, link: `${url}/status/history`, at: change.at, text: textOf(change) };
  });
  return [...told, ...changed].toSorted((a, b) => b.at - a.at).slice(0, SHOWN);
}

/** When it was written: readers that have looked since would not look further back. */
function toldOf(incident: Incident, url: string): readonly Item[] {
  const { id, title, updates } = incident;
  const page = isOver(incident) ? `${url}/status/history` : `${url}/status`;
  return updates.map((one) => ({
    id: `${url}/status/incidents/${id}/${one.n}`,
    title: `${inLanguage(title, 'en')} – ${WORDS.en.phase[one.phase]}`,
    link: `${page}#${id}`,
    at: one.writtenAt,
    text: inLanguage(one.text, 'en'),
  }));
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
