/** What people call the components, on pages, in mails and in reports: one word for one thing. */
import { COMPONENT_KINDS, type ComponentKind } from './component.ts';
import type { ComponentId } from './incident.ts';

type Language = 'en' | 'ja';

const NAMES: Readonly<Record<ComponentKind, Readonly<Record<Language, string>>>> = {
  gateway: { en: 'Taking in mail', ja: 'メールの受付' },
  inspection: { en: 'Inspection', ja: '検査' },
  delivery: { en: 'Delivery', ja: '配送' },
  mailboxes: { en: 'Mailboxes', ja: 'メールボックス' },
  imap: { en: 'Reading by IMAP', ja: 'IMAP での閲覧' },
  pop3: { en: 'Fetching by POP3', ja: 'POP3 での受信' },
  portal: { en: 'Web pages', ja: 'Web ページ' },
  upstreams: { en: 'Next mail servers', ja: '中継先サーバー' },
  records: { en: 'Books and audit', ja: '台帳と監査' },
};

/** By kind. */
export function componentNames(language: Language): Readonly<Record<ComponentKind, string>> {
  const named = COMPONENT_KINDS.map((kind) => [kind, NAMES[kind][language]]);
  return Object.fromEntries(named) as Record<ComponentKind, string>;
}

/** Of `main.delivery`, or of `delivery` as people write it; what is none of ours is called by its id. */
export function componentName(id: ComponentId, language: Language): string {
  const kind = kindOf(id);
  if (kind === null) return id;
  const part = partOf(id);
  return part === null ? NAMES[kind][language] : `${NAMES[kind][language]}: ${part}`;
}

/** Whether `name` stands for this component: by its whole id, or without the region for the one of any region. */
export function isComponent(id: ComponentId, name: string): boolean {
  return id === name || kindOf(id) === name || id === kindOf(name);
}

function kindOf(id: string): ComponentKind | null {
  const [, last] = id.split('.', 2);
  return COMPONENT_KINDS.find((kind) => kind === (last ?? id)) ?? null;
}

/** Of `main.upstreams.google`, one of several that a component stands for: `google`. */
function partOf(id: ComponentId): string | null {
  const [, , part = null] = id.split('.', 3);
  return part;
}
