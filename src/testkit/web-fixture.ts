/** The pages and the API over held mail in memory, asked as browsers and programs ask. */
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { ScimDesk } from '#/directory/index.ts';
import { heldOperations, LinkDesk } from '#/held/index.ts';
import { Fault, type Tenant } from '#/model/index.ts';
import {
  type AuditEntry,
  type Clock,
  type DirectorySource,
  type OperationsElsewhere,
  TELLS_NOBODY,
} from '#/ports/index.ts';
import { readQuery } from '#/queue/index.ts';
import { auditTrail } from '#/roles/audit.ts';
import { describeOperations, runOperation } from '#/roles/local-methods.ts';
import { openMemoryDownloads, openMemoryPeople } from '#/store/index.ts';
import { startWeb } from '#/web/index.ts';
import { FakeEndedSessions } from './fake-ended-sessions.ts';
import { FakeDirectorySource, FakeSignIn } from './fake-people.ts';
import { FakeRegistry } from './fake-registry.ts';
import { FakeBlobs, FakeLog, FakeMeter } from './fakes.ts';
import { HERE, QueueBench } from './queue-bench.ts';
import { testCertificate } from './test-certificate.ts';

export interface WebAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Time of the bench, but sleeps that pass: sockets close in real time. */
class WebClock implements Clock {
  readonly #bench: QueueBench;
  constructor(bench: QueueBench) {
    this.#bench = bench;
  }
  now = (): number => this.#bench.clock.now();
  monotonic = (): number => performance.now();
  sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    await pause(ms, null, signal === undefined ? {} : { signal }).catch(() => {});
  };
}

/** What `startWeb` asks for beside the part that a test is about: nobody answers there. */
export function unaskedWeb(directory: DirectorySource) {
  const nobody = (): Promise<never> => Promise.reject(new TypeError('Nobody is to be asked here.'));
  return {
    signIn: new FakeSignIn(directory),
    operations: { call: nobody, described: nobody },
    board: { read: nobody },
    statusContact: 'postmaster@mail.acme.test',
    links: { open: () => ({ kind: 'unknown' }) as const },
    scim: { answer: nobody },
    url: 'https://mail.acme.test',
    visits: null,
    sessionKey: Buffer.alloc(32),
    sessions: { end: nobody, isEnded: nobody },
    trustHttp: [] as readonly string[],
    isHttps: false,
    release: '1.0.0',
  };
}

export class WebFixture implements AsyncDisposable {
  readonly bench = new QueueBench();
  readonly directory: FakeDirectorySource;
  readonly signIn: FakeSignIn;
  readonly links: LinkDesk;
  readonly log = new FakeLog();
  readonly sessions = new FakeEndedSessions();
  readonly decisions = openMemoryDownloads().decisions;
  readonly people = openMemoryPeople();
  readonly #registry = new FakeRegistry();
  readonly #running = new AsyncDisposableStack();
  /** The process that has the mail does not answer. */
  away = false;
  /** It fails in a way that nobody foresaw. */
  broken = false;
  base = '';

  private constructor(tenants: readonly Tenant[]) {
    this.directory = new FakeDirectorySource(tenants);
    this.signIn = new FakeSignIn(this.directory);
    const key = Buffer.alloc(32, 7);
    this.links = new LinkDesk({ base: '', key: () => key, directory: this.directory, clock: this.bench.clock });
  }

  /** All passwords are `pass NAME`. */
  static async start(tenants: readonly Tenant[]): Promise<WebFixture> {
    const fixture = new WebFixture(tenants);
    for (const { users } of tenants)
      for (const { address } of users) fixture.signIn.passwords.set(address, `pass ${address.split('@')[0]}`);
    await fixture.#start();
    return fixture;
  }

  async #start(): Promise<void> {
    await this.bench.start();
    this.#running.use(this.bench);
    const listen = {
      kind: 'http',
      listen: async (server: Parameters<Parameters<typeof startWeb>[0]['listeners'][0]['listen']>[0]) => {
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        this.base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      },
    } as const;
    this.#running.use(
      await startWeb({
        services: { host: 'mail.acme.test', mx: null, httpsPort: null, offered: [] } as never,
        ...unaskedWeb(this.directory),
        ...{
          directory: this.directory,
          signIn: this.signIn,
          links: this.links,
          log: this.log,
          sessions: this.sessions,
        },
        operations: this.#operations(),
        scim: new ScimDesk({ pushes: this.people.pushes, directory: this.directory, clock: this.bench.clock }),
        tls: () => testCertificate(),
        clock: new WebClock(this.bench),
        meter: new FakeMeter(),
        listeners: [listen],
      }),
    );
  }

  get audited(): readonly AuditEntry[] {
    return this.#registry.audited;
  }

  /** A browser with its own cookies. */
  browser(): WebBrowser {
    return new WebBrowser(this.base);
  }

  /** A program that signs in with each request; a body is sent as JSON. */
  async api(path: string, name: string, body?: object): Promise<WebAnswer & { readonly json: unknown }> {
    const credentials = Buffer.from(`${name}:${this.signIn.passwords.get(name) ?? 'none'}`).toString('base64');
    const headers = { authorization: `Basic ${credentials}`, connection: 'close' };
    const json = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' } };
    const init = body === undefined ? { headers } : { ...json, body: JSON.stringify(body) };
    const answer = await fetch(`${this.base}/api/v1${path}`, init);
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, text, json: JSON.parse(text) };
  }

  #operations(): OperationsElsewhere {
    const { clock } = this.bench;
    const operations = heldOperations({
      ...{ custody: this.bench.custody, journal: this.bench.store, blobs: new FakeBlobs(), directory: this.directory },
      decisions: this.decisions,
      ...{ clock, log: this.bench.log, notices: this.bench.noticeMaker(), people: TELLS_NOBODY, worker: HERE },
      settleLater: (settlement) => this.bench.queue.settleLater(settlement),
      doorbell: () => this.bench.queue.doorbell(),
      readFilter: (query, tenant) =>
        readQuery({ query, tenant: tenant ?? undefined }, { clock, timezoneOf: () => 'UTC' }),
    });
    const trail = auditTrail({ registry: this.#registry, clock });
    const reached = (): void => {
      if (this.broken) throw new TypeError('broken');
      if (this.away) throw new Fault('server.unreachable');
    };
    return {
      call: async (name, input, by, call) => {
        reached();
        const found = operations.find((one) => one.name === name);
        if (found === undefined) throw new TypeError(`There is no operation ${name}.`);
        return runOperation(found, input, { by, call }, trail);
      },
      described: async () => {
        reached();
        return describeOperations(operations);
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running.disposeAsync();
  }
}

/** Keeps cookies, follows the way after a form, and sends what a form of the page holds. */
export class WebBrowser {
  readonly #base: string;
  readonly cookies = new Map<string, string>();
  /** The page that is shown. */
  page: WebAnswer = { status: 0, headers: new Headers(), text: '' };
  path = '';

  constructor(base: string) {
    this.#base = base;
  }

  async go(path: string, headers: Readonly<Record<string, string>> = {}): Promise<WebAnswer> {
    return this.#ask(path, { headers });
  }

  async post(path: string, fields: Iterable<readonly [string, string]>): Promise<WebAnswer> {
    return this.#ask(path, { method: 'POST', body: new URLSearchParams([...fields].map(([k, v]) => [k, v])) });
  }

  async signIn(name: string, next = '/held'): Promise<WebAnswer> {
    const password = `pass ${name.split('@')[0]}`;
    return this.post('/sign-in', Object.entries({ name, password, next }));
  }

  /** Sends the form of this page that goes to `action`, its hidden fields, and these. */
  async submit(action: string, fields: Readonly<Record<string, string | readonly string[]>>): Promise<WebAnswer> {
    const [, form = ''] =
      new RegExp(`<form[^>]* action="${action}"[^>]*>([\\s\\S]*?)</form>`).exec(this.page.text) ?? [];
    const hidden = [...form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(
      ([, name = '', value = '']) => [name, plain(value)] as const,
    );
    const given = Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one) => [name, one] as const));
    return this.post(action, [...hidden, ...given]);
  }

  async #ask(path: string, init: RequestInit): Promise<WebAnswer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = {
      'accept-language': 'en',
      ...(init.headers as Record<string, string>),
      cookie,
      connection: 'close',
    };
    const answer = await fetch(`${this.#base}${path}`, { ...init, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) this.#keep(line);
    const to = answer.headers.get('location');
    const text = await answer.text();
    if (to !== null && answer.status === 303) return this.#ask(to, {});
    this.path = path;
    this.page = { status: answer.status, headers: answer.headers, text };
    return this.page;
  }

  #keep(line: string): void {
    const [pair = '', ...attributes] = line.split('; ');
    const [name = '', value = ''] = pair.split('=', 2);
    if (attributes.includes('Max-Age=0')) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

function plain(markup: string): string {
  return markup.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
}
