/**
 * Who may come in: the cookie of a request, and the way to the sign-in for who has none.
 *
 * Passwords and sessions travel encrypted, or do not leave this machine (contract, `listen.http`). Behind a proxy of this machine `url` says
 * whether browsers come by https.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { answered } from '../asking.ts';
import { sayAway } from '../page/away.ts';
import { page } from '../page/frame.ts';
import { html } from '../page/markup.ts';
import { cookieOf, formOf, speaks } from '../page/request.ts';
import { SESSION_MS } from './limits.ts';
import type { Session, SessionDesk, Visitor } from './session.ts';
import { WORDS } from './words.ts';

export interface GateParts {
  readonly sessions: SessionDesk;
  /** Whether `url` begins with https. */
  readonly isHttps: boolean;
}

/** Whether nobody between the browser and us reads along. */
export function isPrivate({ socket }: FastifyRequest): boolean {
  return isEncrypted(socket) || isLoopback(socket.remoteAddress ?? '');
}

/** Whose session this is; where there is none, the answer has been given: the way to the sign-in, or that nobody can say now. */
export async function visitorOrSignIn(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: GateParts,
): Promise<Visitor | null> {
  const found = await visitorOf(request, reply, parts);
  if (found === 'unknown') {
    sayAway(request, reply, placeOf(request.method === 'GET' ? request.url : ''));
    return null;
  }
  if (found !== null) return found;
  const back = placeOf(request.method === 'GET' ? request.url : '');
  const isFromElsewhere = request.headers['sec-fetch-site'] === 'cross-site' && request.method === 'GET';
  if (isFromElsewhere) comeAgain(request, reply, back);
  else void reply.redirect(`/sign-in?next=${encodeURIComponent(back)}`, 303);
  return null;
}

/** A page of ours that one may be led to, as it was asked for; never another host. */
export function placeOf(text: string): string {
  return /^\/(?:held|approvals)(?:[/?][\w\-./?=&%~+:*]*)?$/.test(text) ? text : '/held';
}

/** Whose session a request has; renews its cookie. `unknown` while nobody can say whether it was ended. */
export async function visitorOf(
  request: FastifyRequest,
  reply: FastifyReply,
  parts: GateParts,
): Promise<Visitor | null | 'unknown'> {
  const text = isPrivate(request) ? cookieOf(request, cookieName(request, parts)) : null;
  const asked = text === null ? null : await answered(() => parts.sessions.visitorOf(text));
  if (asked !== null && asked.kind !== 'done') return 'unknown';
  const visitor = asked?.value ?? null;
  const renewed = visitor === null ? null : parts.sessions.renewed(visitor.session);
  if (renewed !== null) keep(request, reply, renewed, parts);
  return visitor;
}

/** Whether a POST came from a form of ours that was made for this session. */
export function isOwnForm(request: FastifyRequest, { session }: Visitor, { sessions }: GateParts): boolean {
  return sessions.isFormToken(session, formOf(request).get('form') ?? '');
}

/** Gives the browser a session. */
export function keep(request: FastifyRequest, reply: FastifyReply, session: Session, parts: GateParts): void {
  writeCookie(request, reply, parts.sessions.format(session), SESSION_MS / 1_000, parts);
}

/** Takes it away. */
export function forget(request: FastifyRequest, reply: FastifyReply, parts: GateParts): void {
  writeCookie(request, reply, '', 0, parts);
}

function writeCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  value: string,
  seconds: number,
  parts: GateParts,
): void {
  const secure = isSecure(request, parts) ? '; Secure' : '';
  const name = cookieName(request, parts);
  reply.header('set-cookie', `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`);
}

// RFC 6265bis §4.1.3.2: a name that another host of the domain can't set.
function cookieName(request: FastifyRequest, parts: GateParts): string {
  return isSecure(request, parts) ? '__Host-session' : 'session';
}

function isSecure({ socket }: FastifyRequest, { isHttps }: GateParts): boolean {
  return isEncrypted(socket) || isHttps;
}

function isEncrypted(socket: FastifyRequest['socket']): boolean {
  return 'encrypted' in socket && socket.encrypted === true;
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127\./.test(address);
}

/**
 * A link in webmail or elsewhere: browsers send no strict cookie with the first request. From this page they ask again, as from a page of
 * ours, and then with it.
 */
function comeAgain(request: FastifyRequest, reply: FastifyReply, back: string): void {
  const language = speaks(request, reply);
  const words = WORDS[language];
  const main = html`<p><a href="${back}">${words.goOn}</a></p>`;
  const text = page({ language, title: words.goOn, here: null, refresh: back, main });
  void reply.type('text/html; charset=utf-8').send(text);
}
