/**
 * The status pages as files, for a web server that stands elsewhere: every page in both languages, feeds, and what programs read. English is at the top,
 * Japanese below `ja/`. All links are relative, so that the folder may lie anywhere.
 */
import type { StatusView } from '#/model/index.ts';
import type { Language } from '../page/language.ts';
import { STYLE } from '../page/style.ts';
import { atomOf, rssOf } from './feeds.ts';
import type { Places } from './frame.ts';
import { historyPage } from './history-page.ts';
import { statusPage } from './page.ts';
import { API_NAMES, statuspageOf } from './statuspage.ts';
import { STATUS_STYLE } from './style.ts';

const SUBSCRIBE = '/status/subscribe';

export interface SiteFile {
  /** Below the folder. */
  readonly path: string;
  readonly text: string;
}

/** All of it, of one moment. */
export function siteOf(
  view: StatusView,
  about: { readonly contact: string; readonly timezone: string },
): readonly SiteFile[] {
  return [
    { path: 'style.css', text: STYLE },
    { path: 'status.css', text: STATUS_STYLE },
    ...(['en', 'ja'] as const).flatMap((language) => pagesOf(view, language, about)),
    { path: 'history.rss', text: rssOf(view) },
    { path: 'history.atom', text: atomOf(view) },
    ...API_NAMES.map((name) => ({ path: `api/v2/${name}.json`, text: JSON.stringify(statuspageOf(name, view)) })),
  ];
}

function pagesOf(
  view: StatusView,
  language: Language,
  { contact, timezone }: { readonly contact: string; readonly timezone: string },
): readonly SiteFile[] {
  const [above, below] = language === 'en' ? ['', 'ja/'] : ['../', ''];
  const folder = language === 'en' ? '' : 'ja/';
  const watch = { language, timezone, now: view.at };
  const at = (name: string): Places => ({
    base: above,
    styles: [`${above}style.css`, `${above}status.css`],
    other: `${language === 'en' ? below : above}${name}`,
    // A file can't be asked: the installation itself is.
    subscribe: `${view.url.replace(/\/+$/, '')}${SUBSCRIBE}`,
    page: (page) => `${page}.html`,
  });
  const parts = { view, watch, contact };
  return [
    { path: `${folder}index.html`, text: statusPage({ ...parts, places: at('index.html') }) },
    {
      path: `${folder}history.html`,
      text: historyPage({ ...parts, places: at('history.html'), changes: view.changes }),
    },
  ];
}
