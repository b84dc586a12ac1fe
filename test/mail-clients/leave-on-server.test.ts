/** Clients that leave their mail on the server never load one twice and never miss one: over restarts, expunges by others, and purges (O5). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orSkip } from '../support/or-skip.ts';
import { DOWNLOADERS } from './downloads.ts';
import { signedIn } from './far-side.ts';
import { idsIn, LETTERS, letter } from './letters.ts';
import type { MailServer } from './mail-server.ts';
import { JOURNEY_MS, SERVERS } from './servers.ts';

for (const { name, start } of SERVERS) {
  test(`O5: what was left on ${name} is loaded once by each client`, { timeout: JOURNEY_MS }, async (t) => {
    await using server = orSkip(t, await start());
    if (server === undefined) return;
    for (const mail of LETTERS) await server.deliver(mail);
    const all = LETTERS.flatMap((mail) => idsIn(mail)).sort();
    await using clients = new AsyncDisposableStack();
    const visits: { readonly name: string; readonly fetch: () => Promise<readonly string[]> }[] = [];
    for (const kind of DOWNLOADERS) {
      const client = await kind.make(server);
      if ('missing' in client) {
        t.diagnostic(`${kind.name}: ${client.missing}`);
        continue;
      }
      clients.use(client);
      visits.push({ name: kind.name, fetch: () => client.fetch() });
    }
    if (visits.length === 0) return t.skip('none of these clients is here');
    const eachLoads = async (when: string, wanted: readonly string[]): Promise<void> => {
      for (const visit of visits) assert.deepEqual(await visit.fetch(), wanted, `${visit.name}, ${when}`);
    };
    await eachLoads('at first', all);
    await eachLoads('again', []);
    await server.deliver(letter('second-day'));
    await eachLoads('with one more', ['second-day']);
    await server.restart();
    await eachLoads('after a restart', []);
    await expungeThree(server);
    await eachLoads('after others expunged', []);
    await server.purge();
    await eachLoads('after a purge', []);
    await server.restart();
    await server.deliver(letter('third-day'));
    await eachLoads('on the third day', ['third-day']);
  });
}

async function expungeThree(server: MailServer): Promise<void> {
  await using wire = await signedIn(server);
  for (const command of ['SELECT INBOX', 'STORE 1,3,5 +FLAGS (\\Deleted)', 'EXPUNGE'])
    assert.equal((await wire.command(command)).verdict, 'OK', command);
}
