/**
 * How mail programs set themselves up, each in the form that it asks for. All addresses of a domain of ours get the same answer, whether or not
 * somebody has them.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  appleProfile,
  autoconfig,
  autodiscover,
  autodiscoverError,
  type MailServices,
  readAutodiscover,
} from '#/announce/index.ts';
import { parseMailAddress } from '#/codec/smtp/index.ts';
import { domainOf, type MailAddress } from '#/model/index.ts';
import type { DirectorySource } from '#/ports/index.ts';
import { queryOf, speaks } from '../page/request.ts';
import { homePage, setupPage } from './pages.ts';

export interface SetupParts {
  readonly services: MailServices;
  readonly directory: DirectorySource;
}

const XML = 'text/xml; charset=utf-8';
const HTML = 'text/html; charset=utf-8';
const TEXT = 'text/plain; charset=utf-8';

/** Mounts them. */
export function setupRoutes(app: FastifyInstance, parts: SetupParts): void {
  app.get('/', async (request, reply) => html(reply, homePage(speaks(request, reply))));
  app.get('/setup', async (request, reply) => showSetup(request, reply, parts));
  app.get('/apple.mobileconfig', async (request, reply) => giveProfile(request, reply, parts));
  for (const path of ['/mail/config-v1.1.xml', '/.well-known/autoconfig/mail/config-v1.1.xml'])
    app.get(path, async (request, reply) => giveAutoconfig(request, reply, parts));
  app.post('/autodiscover/autodiscover.xml', async (request, reply) => giveAutodiscover(request, reply, parts));
  app.get('/autodiscover/autodiscover.xml', async (_request, reply) =>
    reply.code(405).header('allow', 'POST').type(TEXT).send('Mail programs send their question by POST.\n'),
  );
}

function showSetup(request: FastifyRequest, reply: FastifyReply, { services, directory }: SetupParts): FastifyReply {
  const given = queryOf(request, 'email');
  const address = addressOf(given);
  const known = address !== null && isOurs(address, directory);
  const state = given === '' ? 'asks' : address === null ? 'no address' : known ? 'shows' : 'not ours';
  const language = speaks(request, reply);
  const page = setupPage({ state, given, address: known ? address : null, services, language });
  return html(reply.code(state === 'not ours' ? 404 : state === 'no address' ? 400 : 200), page);
}

/** Without an address it is what all our domains have. */
function giveAutoconfig(
  request: FastifyRequest,
  reply: FastifyReply,
  { services, directory }: SetupParts,
): FastifyReply {
  const given = queryOf(request, 'emailaddress');
  const address = addressOf(given);
  if (given !== '' && (address === null || !isOurs(address, directory))) return notOurs(reply);
  return reply.type(XML).send(autoconfig(services, address === null ? null : domainOf(address)));
}

function giveAutodiscover(
  request: FastifyRequest,
  reply: FastifyReply,
  { services, directory }: SetupParts,
): FastifyReply {
  const asked = readAutodiscover(typeof request.body === 'string' ? request.body : '');
  if (asked.kind === 'unreadable') return reply.code(400).type(XML).send(autodiscoverError(600));
  if (asked.kind === 'other schema') return reply.type(XML).send(autodiscoverError(601));
  if (!isOurs(asked.address, directory)) return notOurs(reply);
  return reply.type(XML).send(autodiscover(services, asked.address));
}

function giveProfile(request: FastifyRequest, reply: FastifyReply, { services, directory }: SetupParts): FastifyReply {
  const address = addressOf(queryOf(request, 'email'));
  const profile = address !== null && isOurs(address, directory) ? appleProfile(services, address) : null;
  if (profile === null) return notOurs(reply);
  return reply
    .type('application/x-apple-aspen-config')
    .header('content-disposition', 'attachment; filename="mail.mobileconfig"')
    .send(profile);
}

function isOurs(address: MailAddress, directory: DirectorySource): boolean {
  return directory.current().domain(domainOf(address)) !== undefined;
}

function notOurs(reply: FastifyReply): FastifyReply {
  return reply.code(404).type(TEXT).send('Mail of this address is not served here.\n');
}

function html(reply: FastifyReply, page: string): FastifyReply {
  return reply.type(HTML).send(page);
}

function addressOf(text: string): MailAddress | null {
  return parseMailAddress(text);
}
