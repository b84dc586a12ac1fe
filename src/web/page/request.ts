/** Reading what a browser sends: query, form, cookies, and the language that its person speaks. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Language, languageOf } from './language.ts';

/** A parameter of the query; of one that is given more than once, none. */
export function queryOf({ query }: FastifyRequest, name: string): string {
  const value = (query as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' ? value.trim() : '';
}

/** The fields of a form; none where the body is of another type. */
export function formOf({ body, headers }: FastifyRequest): URLSearchParams {
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '');
  return new URLSearchParams(isForm && typeof body === 'string' ? body : '');
}

/** RFC 6265 §5.4: the value of a cookie, null where there is none. Of two with one name the first is the one with the longer path: ours. */
export function cookieOf({ headers }: FastifyRequest, name: string): string | null {
  for (const pair of (headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return null;
}

const LANGUAGE_COOKIE = 'lang';
const YEAR_SECONDS = 31_536_000;

/** The language of this answer: what the query says, which is then remembered; else what was remembered; else what the browser prefers. */
export function speaks(request: FastifyRequest, reply: FastifyReply): Language {
  const wanted = queryOf(request, LANGUAGE_COOKIE);
  const remembered = cookieOf(request, LANGUAGE_COOKIE) ?? '';
  const language = languageOf(request.headers, wanted === '' ? remembered : wanted);
  if (language === wanted && wanted !== remembered)
    reply.header(
      'set-cookie',
      `${LANGUAGE_COOKIE}=${language}; Path=/; Max-Age=${YEAR_SECONDS}; HttpOnly; SameSite=Lax`,
    );
  return language;
}
