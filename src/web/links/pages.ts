/** The page of one action link: what it is about, and the act; then what came of it. One column, no sign-in, never the mail's content. */
import type { ShownMail } from '#/held/index.ts';
import type { HeldVerb, MailAddress, Tenant } from '#/model/index.ts';
import { actsOf, factsOf, partOf } from '../held/mail-page.ts';
import { partsOf, subjectOf } from '../held/parts.ts';
import { page } from '../page/frame.ts';
import type { Language } from '../page/language.ts';
import { html } from '../page/markup.ts';
import type { Watch } from '../page/times.ts';
import { WORDS } from './words.ts';

export interface LinkView {
  readonly mail: ShownMail;
  /** What the link is for, of what its person may do now. */
  readonly verbs: readonly HeldVerb[];
  readonly person: MailAddress;
  readonly tenant: Tenant;
  /** The page itself. */
  readonly here: string;
  readonly watch: Watch;
}

/** Asks; its button acts. */
export function linkPage({ mail, verbs, person, tenant, here, watch }: LinkView): string {
  const { language } = watch;
  const words = WORDS[language];
  const [only, ...others] = verbs;
  const title = only === undefined || others.length > 0 ? words.askWhich : words.ask[only];
  const room = mail.recipients.some(({ state }) => state === 'approval') ? 'approvals' : 'held';
  const main = html`<h1>${title}</h1>
<p class="subject">${subjectOf(mail, watch)}</p>
${partsOf(mail).map((part) => {
  const acts = actsOf({ ...part, may: verbs, saysWhy: false }, room, watch);
  return partOf(
    part,
    watch,
    html`<form method="post" action="${here}">
${acts}
</form>`,
  );
})}
${factsOf(mail, watch)}
<p class="help">${words.you(person)}</p>
<p class="help">${words.from(tenant.name)}</p>`;
  return page({ language, title, here, main });
}

export type LinkEnd =
  | { readonly kind: 'done'; readonly verb: HeldVerb; readonly waits: boolean }
  | { readonly kind: 'gone' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'unknown' };

/** What came of it, or why there is nothing to do. */
export function linkEndPage(end: LinkEnd, language: Language): string {
  const words = WORDS[language];
  const { title, lines } = endOf(end, language);
  const main = html`<h1>${title}</h1>
${lines.map(
  (text) => html`<p>${text}</p>
`,
)}
<p><a href="/held">${words.signIn}</a></p>`;
  return page({ language, title, here: null, main });
}

function endOf(end: LinkEnd, language: Language): { readonly title: string; readonly lines: readonly string[] } {
  const words = WORDS[language];
  switch (end.kind) {
    case 'done':
      return { title: words.done[end.verb], lines: end.waits ? [words.doneVote] : [] };
    case 'gone':
      return { title: words.gone, lines: [words.goneAbout] };
    case 'expired':
      return { title: words.expired, lines: [words.expiredAbout] };
    case 'unknown':
      return { title: words.unknown, lines: [words.unknownAbout] };
  }
}
