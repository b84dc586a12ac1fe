/** The pages of signing in. */
import { page } from '../page/frame.ts';
import type { Language } from '../page/language.ts';
import { html, type Markup } from '../page/markup.ts';
import type { SessionDesk, Visitor } from './session.ts';
import { WORDS } from './words.ts';

export interface SignInView {
  readonly language: Language;
  readonly state: 'asks' | 'wrong' | 'later' | 'signed out' | 'not private';
  /** The address as it was typed. */
  readonly given: string;
  /** Where it leads afterwards. */
  readonly next: string;
}

/** RFC 5321 §4.5.3.1.3. */
const ADDRESS_LENGTH_MAX = 254;

/** The form, or why there is none. */
export function signInPage({ language, state, given, next }: SignInView): string {
  const words = WORDS[language];
  const here = `/sign-in?next=${encodeURIComponent(next)}`;
  if (state === 'not private') {
    const main = html`<h1>${words.notPrivate}</h1>
<p>${words.notPrivateAbout}</p>`;
    return page({ language, title: words.notPrivate, here, main });
  }
  const mistake = state === 'wrong' ? words.wrong : state === 'later' ? words.later : null;
  const described = mistake !== null && html` aria-describedby="mistake" aria-invalid="true"`;
  const main = html`<h1>${words.title}</h1>
${state === 'signed out' && html`<p class="told ok">✓ ${words.signedOut}</p>`}
<p>${words.about}</p>
<form method="post" action="/sign-in">
<input type="hidden" name="next" value="${next}">
${mistake !== null && html`<p class="mistake" id="mistake">✕ ${mistake}</p>`}
<label for="name">${words.address}</label>
<input id="name" name="name" type="text" inputmode="email" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="${ADDRESS_LENGTH_MAX}" value="${given.slice(0, ADDRESS_LENGTH_MAX)}"${described}>
<label for="password">${words.password}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required${described}>
<button>${words.signIn}</button>
</form>`;
  return page({ language, title: words.title, here, main });
}

/** Who is signed in, and the way out: for the corner of a page. */
export function cornerOf(visitor: Visitor, language: Language, sessions: SessionDesk): Markup {
  const { signOut } = WORDS[language];
  return html`<span class="who">${visitor.user.address}</span>
<form method="post" action="/sign-out"><input type="hidden" name="form" value="${sessions.formToken(visitor.session)}"><button class="quiet">${signOut}</button></form>
`;
}
