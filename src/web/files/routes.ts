/**
 * Downloads of mail at `/files/TOKEN`. A GET shows and changes nothing, for scanners follow links; a POST acts. The token stands in the path alone:
 * no line of a log has it (the routes' name is counted, not the path), and no page sends it on (`Referrer-Policy`).
 *
 * What must never happen: an answer that tells a link that is no more from one that never was; octets of mail that a browser shows as a page of ours.
 */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Fetched, OpenLink, Seen, Visits } from '#/held/index.ts';
import { Fault } from '#/model/index.ts';
import type { Clock, DirectorySource, Log } from '#/ports/index.ts';
import type { ClientAddresses } from '../client-address.ts';
import { type Language, languageOf } from '../page/language.ts';
import { ClientPace } from './client-pace.ts';
import { attachmentNamed } from './content-disposition.ts';
import { actsPerMinute, formBytesMax, looksPerMinute, unknownPerMinute } from './limits.ts';
import { closedPage, filesPage, maskedAddress, plainPage, type Told } from './pages.ts';
import { WORDS } from './words.ts';

export interface FilesParts {
  /** Null where this process serves none. */
  readonly visits: Visits | null;
  readonly directory: DirectorySource;
  readonly clients: ClientAddresses;
  readonly clock: Clock;
  readonly log: Log;
}

const HTML = 'text/html; charset=utf-8';
const COOKIE = 'holdfast-files';
const STATUS = { gone: 404, expired: 410, locked: 403 } as const;
const NONE: Told = { kind: 'none' };

/** Mounts them. */
export function filesRoutes(app: FastifyInstance, { visits, ...parts }: FilesParts): void {
  if (visits === null) return;
  const desk = new FilesDesk(visits, parts);
  app.get('/files/:token', async (request, reply) => desk.show(request, reply));
  app.post('/files/:token', { bodyLimit: formBytesMax }, async (request, reply) => desk.act(request, reply));
}

/** One request, with what is known of it. */
interface Visit {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly token: string;
  readonly path: string;
  readonly client: string;
  readonly language: Language;
  readonly form: URLSearchParams;
}

class FilesDesk {
  readonly #visits: Visits;
  readonly #parts: Omit<FilesParts, 'visits'>;
  readonly #looks: ClientPace;
  readonly #unknown: ClientPace;
  readonly #acts: ClientPace;

  constructor(visits: Visits, parts: Omit<FilesParts, 'visits'>) {
    this.#visits = visits;
    this.#parts = parts;
    const now = (): number => parts.clock.monotonic();
    this.#looks = new ClientPace(looksPerMinute, now);
    this.#unknown = new ClientPace(unknownPerMinute, now);
    this.#acts = new ClientPace(actsPerMinute, now);
  }

  show(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const visit = visitOf(request, reply, new URLSearchParams(), this.#parts.clients);
    return this.#answered(visit, this.#looks, async (visit, seen) => {
      const asked = queryOf(request, 'sent') !== '';
      const told: Told = asked ? { kind: 'note', text: WORDS[visit.language].sent(maskedAddress(seen.address)) } : NONE;
      return this.#page(visit, seen, 200, told, asked);
    });
  }

  act(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
    return this.#answered(visitOf(request, reply, form, this.#parts.clients), this.#acts, (visit, seen) => {
      const act = form.get('act');
      if (act === 'code' && seen.proof === 'code') return this.#sendCode(visit, seen);
      if (act === 'prove' && seen.proof !== 'none') return this.#prove(visit, seen);
      if (act === 'fetch') return this.#fetch(visit, seen);
      return this.#page(visit, seen, 400);
    });
  }

  /** Looks the link up within the client's pace, and lets `work` answer where it is open. */
  async #answered(
    visit: Visit,
    pace: ClientPace,
    work: (visit: Visit, seen: OpenLink) => Promise<FastifyReply> | FastifyReply,
  ): Promise<FastifyReply> {
    const { client, reply, language, path } = visit;
    const words = WORDS[language];
    const busy = (): FastifyReply =>
      html(reply.code(429).header('retry-after', '60'), plainPage(language, path, words.busy));
    if (!pace.take(client)) return busy();
    try {
      const seen = await this.#visits.look(visit.token);
      if (seen.kind === 'open') return await work(inLanguageOf(visit, seen), seen);
      // Only these: who has a link is not kept from it by others of the same address who try.
      if (seen.kind === 'gone' && !this.#unknown.take(client)) return await busy();
      return await closed(visit, seen);
    } catch (error) {
      if (reply.sent) throw error;
      this.#parts.log.warn('download.failed', { why: error instanceof Fault ? error.code : String(error) });
      return html(reply.code(503).header('retry-after', '60'), plainPage(language, path, words.away));
    }
  }

  async #sendCode(visit: Visit, seen: OpenLink): Promise<FastifyReply> {
    const words = WORDS[visit.language];
    if (!(await this.#visits.sendCode(seen, visit.client)))
      return this.#page(visit, seen, 429, { kind: 'mistake', text: words.tooMany }, true);
    return visit.reply.redirect(`${visit.path}?sent=1&lang=${visit.language}`, 303);
  }

  async #prove(visit: Visit, seen: OpenLink): Promise<FastifyReply> {
    const words = WORDS[visit.language];
    const kind = seen.proof === 'password' ? 'password' : 'code';
    const answer = await this.#visits.prove(
      seen,
      (visit.form.get('secret') ?? '').slice(0, SECRET_CHARS_MAX),
      visit.client,
    );
    if (typeof answer === 'string') {
      const now = await this.#visits.look(visit.token);
      if (now.kind !== 'open') return closed(visit, now);
      return this.#page(visit, now, 403, { kind: 'mistake', text: words[answer][kind] }, answer === 'wrong');
    }
    const { request, reply, path, language } = visit;
    const secure = request.protocol === 'https' || isEncrypted(request) ? '; Secure' : '';
    const seconds = Math.floor(answer.ms / 1_000);
    // RFC 6265 §5.2: sent to this page alone, shown to no script, and to no request that another site makes.
    reply.header(
      'set-cookie',
      `${COOKIE}=${answer.pass}; Path=${path}; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`,
    );
    return reply.redirect(`${path}?lang=${language}`, 303);
  }

  async #fetch(visit: Visit, seen: OpenLink): Promise<FastifyReply> {
    const words = WORDS[visit.language];
    if (!this.#visits.isProved(seen, passOf(visit.request)))
      return this.#page(visit, seen, 403, { kind: 'mistake', text: words.proveFirst });
    const fetched = await this.#visits.fetch(seen, Number(visit.form.get('file')), visit.client);
    if (fetched.kind === 'file') {
      if (!visit.reply.raw.destroyed) return sendFile(visit.reply, fetched);
      await givenUp(fetched);
      return visit.reply.hijack();
    }
    const now = await this.#visits.look(visit.token);
    if (now.kind !== 'open') return closed(visit, now);
    return this.#page(visit, now, fetched.kind === 'no file' ? 400 : 410, { kind: 'mistake', text: words.noneLeft });
  }

  #page(visit: Visit, seen: OpenLink, status: number, told: Told = NONE, asked = false): FastifyReply {
    const { language, path, request, reply } = visit;
    const tenant = this.#parts.directory.current().tenant(seen.tenant);
    const proved = this.#visits.isProved(seen, passOf(request));
    const company = tenant?.name ?? seen.tenant;
    const timezone = tenant?.timezone ?? 'UTC';
    return html(reply.code(status), filesPage(seen, { language, path, told, company, timezone, proved, asked }));
  }
}

const SECRET_CHARS_MAX = 100;

function visitOf(request: FastifyRequest, reply: FastifyReply, form: URLSearchParams, clients: ClientAddresses): Visit {
  const { token = '' } = request.params as { readonly token?: string };
  const language = languageOf(request.headers, form.get('lang') ?? queryOf(request, 'lang'));
  const client = clients.of(request);
  return { request, reply, form, token, language, client, path: `/files/${encodeURIComponent(token)}` };
}

/** Who says no language at all reads that of the company. */
function inLanguageOf(visit: Visit, { language }: OpenLink): Visit {
  const said = visit.form.get('lang') ?? queryOf(visit.request, 'lang');
  const isSaid = said !== '' || visit.request.headers['accept-language'] !== undefined;
  return isSaid ? visit : { ...visit, language };
}

function closed({ reply, language, path }: Visit, { kind }: Exclude<Seen, { kind: 'open' }>): FastifyReply {
  return html(reply.code(STATUS[kind]), closedPage(kind, language, path));
}

/** For a browser that went while its file was opened: closed before anybody could wait for it. */
async function givenUp({ pieces, ended }: Fetched): Promise<void> {
  const iterator = pieces[Symbol.asyncIterator]();
  // Only what has begun is closed by its end.
  await iterator.next();
  await iterator.return?.();
  await ended(0);
}

/** Design 6, Bytes from mail: saved, never shown; a sandbox where a browser shows it all the same. */
function sendFile(reply: FastifyReply, { name, bytes, pieces, ended }: Fetched): FastifyReply {
  let handedOn = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      yield piece;
      handedOn += piece.length;
    }
  };
  const stream = Readable.from(counted(), { objectMode: false });
  reply.raw.once('close', () => void ended(reply.raw.writableFinished ? bytes : handedOn));
  return reply
    .header('content-security-policy', "sandbox; default-src 'none'")
    .header('content-disposition', attachmentNamed(name))
    .header('content-length', bytes)
    .type('application/octet-stream')
    .send(stream);
}

function passOf({ headers }: FastifyRequest): string {
  const cookies = (headers.cookie ?? '').split(';').map((one) => one.trim());
  return cookies.find((one) => one.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1) ?? '';
}

function isEncrypted({ socket }: FastifyRequest): boolean {
  return 'encrypted' in socket && socket.encrypted === true;
}

function html(reply: FastifyReply, text: string): FastifyReply {
  return reply.type(HTML).send(text);
}

/** Of a parameter that is given more than once, none. */
function queryOf({ query }: FastifyRequest, name: string): string {
  const value = (query as Readonly<Record<string, unknown>>)[name];
  return typeof value === 'string' ? value.trim() : '';
}
