/** A filter beside the installation, asked by HTTP: it objects to mail whose subject says `bad`, remembers what it was asked, and is as slow as it is told to be. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

export interface SlowFilter extends AsyncDisposable {
  readonly port: number;
  /** For each answer that is asked for from now on, and for those that are waited for. */
  delayMs: number;
  /** Ids of mails in the order in which they were first asked about. */
  readonly asked: ReadonlySet<string>;
}

/** Between two looks whether the time of an answer is over. */
const LOOK_MS = 20;

export async function startSlowFilter(): Promise<SlowFilter> {
  const asked = new Set<string>();
  const server = createServer((request, response) => {
    const askedAt = performance.now();
    if (request.method !== 'POST') {
      response.writeHead(204).end();
      return;
    }
    const answer = async (body: string): Promise<void> => {
      const { subject } = JSON.parse(body) as { readonly subject: string };
      asked.add(subject.replace(/^Test /, ''));
      while (performance.now() - askedAt < filter.delayMs) await sleep(LOOK_MS);
      response.end(JSON.stringify({ verdict: subject.endsWith('bad') ? 'found' : 'clean' }));
    };
    // Whoever hangs up meanwhile wants no answer.
    void text(request)
      .then(answer)
      .catch(() => response.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const filter: SlowFilter = {
    port: (server.address() as AddressInfo).port,
    delayMs: 0,
    asked,
    [Symbol.asyncDispose]: async () => {
      filter.delayMs = 0;
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
  return filter;
}
