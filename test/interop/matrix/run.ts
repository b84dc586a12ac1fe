/** The whole matrix in one run: one installation of Holdfast, every server both ways, every client. */
import type { Column, Direction } from './cells.ts';
import { findClients } from './clients.ts';
import { startExim } from './exim-peer.ts';
import { fromClient } from './from-client.ts';
import { fromServer } from './from-server.ts';
import { type House, startHouse } from './house.ts';
import { startOpensmtpd } from './opensmtpd-peer.ts';
import type { ForeignServer, ServerName, Surroundings } from './peer.ts';
import { startPostfixPeer } from './postfix-peer.ts';
import { toServer } from './to-server.ts';

/** What came of one peer: its columns, or why there are none. */
export type PeerResult = { readonly name: string; readonly kind: 'server' | 'client' } & (
  | { readonly version: string; readonly columns: ReadonlyMap<Direction, Column> }
  | { readonly missing: string }
);

type Starter = (around: Surroundings) => Promise<ForeignServer | { missing: string }>;

const STARTERS: readonly (readonly [ServerName, Starter])[] = [
  ['postfix', startPostfixPeer],
  ['exim', startExim],
  ['opensmtpd', startOpensmtpd],
];

/** Runs it, with these servers. The results come in the order of the page. */
export async function runMatrix(wanted: ReadonlySet<ServerName>): Promise<readonly PeerResult[]> {
  await using house = await startHouse();
  const servers = await Promise.all(
    STARTERS.map(async ([name, start]): Promise<PeerResult> => {
      return wanted.has(name) ? await tryServer(house, name, start) : { name, kind: 'server', missing: NOT_NOW };
    }),
  );
  const clients: PeerResult[] = [];
  for (const client of await findClients()) {
    const { name } = client;
    if ('missing' in client) clients.push({ name, kind: 'client', missing: client.missing });
    else
      clients.push({
        name,
        kind: 'client',
        version: client.version,
        columns: new Map([['submission', await fromClient(house, client)]]),
      });
  }
  return [...servers, ...clients];
}

const NOT_NOW = 'only in the long form, and by `npm run interop`';

async function tryServer(house: House, name: ServerName, start: Starter): Promise<PeerResult> {
  const place = house.places.get(name);
  if (place === undefined) throw new Error(`the house has no place for ${name}`);
  const started = await start(place.surroundings);
  if ('missing' in started) return { name, kind: 'server', missing: started.missing };
  await using server = started;
  const [mx, submission, out] = await Promise.all([
    fromServer(house, place, server, 'mx'),
    fromServer(house, place, server, 'submission'),
    toServer(house, place, server),
  ]);
  // What a server that fell has not taken says nothing about either side.
  if (server.ended())
    return {
      name,
      kind: 'server',
      missing: `${name} ended by itself in the middle of the run: ${lastOf(server.log())}`,
    };
  const columns = new Map<Direction, Column>([
    ['mx', mx],
    ['submission', submission],
    ['out', out],
  ]);
  return { name, kind: 'server', version: server.version, columns };
}

function lastOf(log: string): string {
  return log.trimEnd().split('\n').slice(-3).join(' / ').slice(-500);
}
