/** The operator's pager: takes the calls of an installation, and knows when each came. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface HeardPage {
  /** Wall-clock ms. */
  readonly at: number;
  readonly kind: string;
  /** Components that are out. */
  readonly components: readonly string[];
}

export interface OperatorsPager extends AsyncDisposable {
  readonly url: string;
  readonly heard: readonly HeardPage[];
}

export async function startPager(): Promise<OperatorsPager> {
  const heard: HeardPage[] = [];
  const server = createServer((request, response) => {
    const take = (body: string): void => {
      const { kind, components } = JSON.parse(body) as { kind: string; components: { component: string }[] };
      heard.push({ at: Date.now(), kind, components: components.map(({ component }) => component) });
      response.writeHead(204).end();
    };
    void text(request)
      .then(take)
      .catch(() => response.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    heard,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}
