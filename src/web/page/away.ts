/** What is shown while the process that has the mail does not answer. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AWAY_SECONDS } from '../limits.ts';
import { page } from './frame.ts';
import type { Language } from './language.ts';
import { html } from './markup.ts';
import { speaks } from './request.ts';

interface Words {
  readonly title: string;
  readonly about: string;
  readonly unsure: string;
  readonly again: string;
}

const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    title: 'It can’t be shown just now',
    about:
      'The part of this mail system that has the mail does not answer. No mail is lost, and what waits goes on waiting. Try again in a moment.',
    unsure: 'Whether what you asked for was done can’t be said yet: look again before you repeat it.',
    again: 'Try again',
  },
  ja: {
    title: '今は表示できません',
    about:
      'メールを管理する部分が応答していません。メールは失われておらず、保留中のものは保留のままです。しばらくしてから、もう一度お試しください。',
    unsure: '操作が行われたかどうかは、まだ分かりません。やり直す前に、状態を確かめてください。',
    again: 'もう一度試す',
  },
};

/** 503 with the way to ask again at `here`, a page of ours. */
export function sayAway(request: FastifyRequest, reply: FastifyReply, here: string): FastifyReply {
  const language = speaks(request, reply);
  const words = WORDS[language];
  const main = html`<h1>${words.title}</h1>
<p>${words.about}</p>
${request.method === 'POST' && html`<p>${words.unsure}</p>`}
<p><a href="${here}">${words.again}</a></p>`;
  return reply
    .code(503)
    .header('retry-after', AWAY_SECONDS)
    .type('text/html; charset=utf-8')
    .send(page({ language, title: words.title, here: null, main }));
}
