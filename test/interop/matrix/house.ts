/**
 * The installation of the matrix: the real program between the servers of others and a keeper. What comes in for its own domains, and what
 * is submitted for `*.world.test`, goes to the keeper; what is for a server's domains goes to that server.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestAuthority } from '#/testkit/index.ts';
import { makeAuthority } from '#/testkit/index.ts';
import { Holdfast, pause } from '../../support/holdfast.ts';
import { names } from './contents.ts';
import { type Keeper, type KeptMail, startKeeper } from './keeper.ts';
import { type ServerName, type ServerPorts, SIGN_IN, type Surroundings } from './peer.ts';
import { quietPort } from './quiet-port.ts';
import { startTap, type Tap } from './tap.ts';

const SERVERS: readonly ServerName[] = ['postfix', 'exim', 'opensmtpd'];
const ARRIVAL_MS = 240_000;

/** Addresses from which Holdfast knows who sends. */
export const OWN_NETWORK = '127.0.0.2';

/** The relay that signs in. */
export const RELAY = { username: 'interop', password: 'between houses' } as const;

/** What one server has around it. */
export interface Place {
  readonly surroundings: Surroundings;
  /** Between the server and our MX port; and the same under a small sending limit. */
  readonly in: Tap;
  readonly slow: Tap;
  /** Between us and the server's plain port. */
  readonly out: Tap;
}

export interface House extends AsyncDisposable {
  /** For files; goes with it. */
  readonly folder: string;
  readonly holdfast: Holdfast;
  readonly keeper: Keeper;
  readonly places: ReadonlyMap<ServerName, Place>;
  /** The mail with the token, or the report about it, if it is there. */
  find(token: string, what: 'mail' | 'report'): KeptMail | undefined;
  /** The mail with the token, or the report about it, as it left Holdfast; null when none came in time. */
  arrival(token: string, what?: 'mail' | 'report'): Promise<KeptMail | null>;
  /** Whichever of the two comes first. */
  outcome(token: string): Promise<KeptMail | null>;
  /** Lifts the sending limit of the slow way. */
  relax(name: ServerName): Promise<void>;
}

/** Starts it. */
export async function startHouse(): Promise<House> {
  await using parts = new AsyncDisposableStack();
  const keeper = parts.use(await startKeeper());
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-matrix-'));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const authority = await makeAuthority();
  await writeFile(join(folder, 'authority.pem'), authority.cert);
  const mx = { port: 0 };
  const places = new Map<ServerName, Place>();
  for (const [i, name] of SERVERS.entries()) places.set(name, await makePlace(name, i, mx, authority, parts));
  const holdfast = parts.use(
    await Holdfast.start({
      settings: settings(keeper.port, places),
      resources: resources(new Set()),
      env: { NODE_EXTRA_CA_CERTS: join(folder, 'authority.pem') },
    }),
  );
  mx.port = holdfast.ports.smtp;
  for (const [name, place] of places) places.set(name, located(place, holdfast));
  const all = parts.move();
  const find: House['find'] = (token, what) =>
    keeper.mails.find((mail) => names(mail.content, token) && isReport(mail) === (what === 'report'));
  const relaxed = new Set<ServerName>();
  let relaxing: Promise<void> = Promise.resolve();
  return {
    folder,
    holdfast,
    keeper,
    places,
    find,
    arrival: (token, what = 'mail') => until(() => find(token, what)),
    outcome: (token) => until(() => find(token, 'mail') ?? find(token, 'report')),
    // One after the other, or an older file could be applied behind a newer one.
    relax: (name) => {
      relaxing = relaxing.then(() => relax(holdfast, relaxed.add(name)));
      return relaxing;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function makePlace(
  name: ServerName,
  i: number,
  mx: { readonly port: number },
  authority: TestAuthority,
  parts: AsyncDisposableStack,
): Promise<Place> {
  const ports = {
    plain: await quietPort(),
    tls: await quietPort(),
    auth: await quietPort(),
    old: await quietPort(),
  };
  const into = parts.use(await startTap(() => mx.port));
  const slow = parts.use(await startTap(() => mx.port, slowNetwork(i)));
  const out = parts.use(await startTap(() => ports.plain));
  const certificate = await authority.issue(['localhost', `${name}.test`]);
  const surroundings = { mx: into.port, slow: slow.port, mxTls: 0, submission: 0, ...RELAY, certificate, ports };
  return { surroundings, in: into, slow, out };
}

// Holdfast's own ports are known once it runs.
function located(place: Place, { ports }: Holdfast): Place {
  return { ...place, surroundings: { ...place.surroundings, mxTls: ports.smtp, submission: ports.submission } };
}

function slowNetwork(i: number): string {
  return `127.0.1.${i + 1}`;
}

function settings(keeper: number, places: ReadonlyMap<ServerName, Place>): string {
  const own = ['acme.test', 'tls.acme.test', 'back.test', '例え.test', '"*.world.test"'].join(', ');
  return [
    'outbound: on',
    'retry: { first: 1s, factor: 1, max: 2s, delayNotice: 4h, expire: 5d }',
    'limits: { messageBytes: 12MB, recipients: 100 }',
    'routes:',
    `  - { domains: [${own}], host: 127.0.0.1, port: ${keeper}, tls: none }`,
    ...[...places].flatMap(([name, { surroundings, out }]) => routes(name, surroundings.ports, out.port)),
  ].join('\n');
}

function routes(name: ServerName, ports: ServerPorts, plain: number): string[] {
  const { username, password } = SIGN_IN;
  return [
    `  - { domains: [${name}.test, 例え.${name}.test], host: 127.0.0.1, port: ${plain}, tls: none }`,
    `  - { domains: [old.${name}.test], host: 127.0.0.1, port: ${ports.old}, tls: none }`,
    `  - { domains: [tls.${name}.test], host: localhost, port: ${ports.tls}, tls: require }`,
    `  - { domains: [auth.${name}.test], host: localhost, port: ${ports.auth}, tls: require, username: ${username}, password: "${password}" }`,
  ];
}

function resources(relaxed: ReadonlySet<ServerName>): string {
  const users = ['bob@acme.test', 'bob@tls.acme.test', '用户@例え.test'];
  for (let i = 1; i <= 120; i++) users.push(`r${i}@acme.test`);
  const senders = 'senders: ["*@acme.test", "*@back.test"]';
  const slow = SERVERS.map((name, i) => {
    const limit = relaxed.has(name) ? 'unlimited' : '1';
    return `      - { name: slow-${name}, kind: server, networks: [${slowNetwork(i)}/32], ${senders}, limits: { per10m: ${limit} } }`;
  });
  return [
    'tenants:',
    '  - id: acme',
    '    name: Acme',
    '    domains: [acme.test, tls.acme.test, 例え.test, { name: back.test, catchAll: bob@acme.test }]',
    '    users:',
    ...users.map((address) => `      - { address: ${address} }`),
    '    relays:',
    `      - { name: own, kind: server, networks: [${OWN_NETWORK}/32], ${senders} }`,
    `      - { name: interop, kind: server, username: ${RELAY.username}, password: "${RELAY.password}", ${senders} }`,
    ...slow,
    '',
  ].join('\n');
}

async function relax(holdfast: Holdfast, relaxed: ReadonlySet<ServerName>): Promise<void> {
  const file = join(holdfast.folder, 'relaxed.yaml');
  await writeFile(file, resources(relaxed));
  const { code, stdout, stderr } = await holdfast.cli('apply', '-f', file);
  if (code !== 0) throw new Error(`apply: ${stdout}${stderr}`);
}

/** Looks again until there is something; null when nothing came in time. */
export async function until<T>(look: () => T | undefined | false): Promise<T | null> {
  for (const end = performance.now() + ARRIVAL_MS; performance.now() < end; await pause(50)) {
    const found = look();
    if (found !== undefined && found !== false) return found;
  }
  return null;
}

/** A report about a mail, not just a mail from nobody; not every server writes it in the form of RFC 3464. */
export function isReport({ sender, content }: KeptMail): boolean {
  return sender === '' && (content.includes('delivery-status') || content.includes('MAILER-DAEMON'));
}

/** The status of a report, and the codes of the reply in it. */
export function statusIn({ content }: KeptMail): string {
  const text = content.toString('latin1');
  const status = /^Status: (\d\.\d+\.\d+)/m.exec(text)?.[1] ?? 'no status';
  const diagnostic = /^Diagnostic-Code: smtp; ?(\d{3})/im.exec(text)?.[1];
  return diagnostic === undefined ? status : `${diagnostic}, ${status}`;
}
