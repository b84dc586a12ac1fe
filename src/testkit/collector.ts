/** A collector of OpenTelemetry that answers as it is told, and keeps what it has taken. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Span } from '#/telemetry/index.ts';

export interface HeardSpans {
  readonly path: string;
  readonly authorization: string | undefined;
  /** `service.name` of who told it. */
  readonly service: string | undefined;
  readonly spans: readonly Span[];
}

export interface Collector extends AsyncDisposable {
  readonly url: string;
  readonly heard: readonly HeardSpans[];
  spans(): readonly Span[];
}

type Body = {
  readonly resourceSpans: readonly [
    {
      readonly resource: { readonly attributes: readonly { key: string; value: { stringValue: string } }[] };
      readonly scopeSpans: readonly [{ readonly spans: readonly Span[] }];
    },
  ];
};

/** `statuses` are its first answers; then it takes everything. */
export async function startCollector(statuses: number[] = []): Promise<Collector> {
  const heard: HeardSpans[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [{ resource, scopeSpans }] = (JSON.parse(await text(request)) as Body).resourceSpans;
    const status = statuses.shift() ?? 200;
    if (status === 200) {
      const { authorization } = request.headers;
      const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue;
      heard.push({ path: request.url ?? '', authorization, service, spans: scopeSpans[0].spans });
    }
    response.writeHead(status).end(status === 200 ? '{}' : 'not now');
  };
  const server = createServer((request, response) => void answer(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    spans: () => heard.flatMap(({ spans }) => spans),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
