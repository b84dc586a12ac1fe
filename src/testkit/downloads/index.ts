/** Secure downloads in memory, with a clock that a test moves: shares are made as inspection makes them, letters are kept as they were accepted. */
import { randomBytes } from 'node:crypto';
import {
  DOWNLOAD_LIMITS,
  type DownloadLimits,
  DownloadUpkeep,
  downloadOperations,
  FileShareMaker,
  LetterBox,
  LinkKeys,
  Visits,
} from '#/held/index.ts';
import {
  type ArrivedMail,
  type Change,
  type MadeShare,
  type MailAddress,
  type MailInCustody,
  type PolicyVersion,
  type TenantId,
  within,
} from '#/model/index.ts';
import type { Blobs, Clock, Downloads, Journal, Operation, Trace } from '#/ports/index.ts';
import { openMemoryBlobs, openMemoryDownloads } from '#/store/index.ts';
import { claimOf } from '../delivery-bench.ts';
import { FakeDirectorySource, tenantOf } from '../fake-people.ts';
import { FakeLog, FakeRouting } from '../fakes.ts';

type Links = Extract<Change, { kind: 'secureLinks' }>;

const ACME = tenantOf({
  id: 'acme',
  domains: ['acme.test'],
  users: [['alice@acme.test', 'a.archer@acme.test'], ['bob@acme.test'], ['root@acme.test']],
  admins: ['root@acme.test'],
});
const BOLT = tenantOf({ id: 'bolt', domains: ['bolt.test'], users: [['eve@bolt.test']], admins: ['eve@bolt.test'] });

export const FILES: readonly { readonly name: string | null; readonly octets: Buffer }[] = [
  { name: '見積書.pdf', octets: Buffer.from('%PDF-1.4 quote') },
  { name: 'plan.bin', octets: randomBytes(3_000) },
];

export class DownloadsBench implements AsyncDisposable {
  readonly directory = new FakeDirectorySource([ACME, BOLT]);
  readonly downloads: Downloads = openMemoryDownloads();
  readonly blobs: Blobs;
  readonly keys: LinkKeys;
  readonly log = new FakeLog();
  readonly letters: ArrivedMail[] = [];
  readonly visits: Visits;
  readonly upkeep: DownloadUpkeep;
  readonly operations: ReadonlyMap<string, Operation>;
  /** What the journal says of mails; those that are not here it does not know. */
  readonly traces: Trace[] = [];
  now = Date.UTC(2026, 10, 21, 12);
  readonly #maker: FileShareMaker;

  constructor(limits: Partial<DownloadLimits> = {}) {
    const all = { ...DOWNLOAD_LIMITS, inlineBytesMax: 1_000, ...limits };
    const clock: Clock = { now: () => this.now, monotonic: () => this.now, sleep: async () => {} };
    const key = randomBytes(32);
    this.blobs = openMemoryBlobs({ clock });
    this.keys = new LinkKeys((purpose) => Buffer.concat([key, Buffer.from(purpose)]));
    const letters = new LetterBox({
      hostname: 'mx.acme.test',
      ...{ directory: this.directory, routing: new FakeRouting(['acme.test']), clock },
      accept: async (mail) => void this.letters.push(mail),
    });
    const { downloads, blobs, keys, directory, log } = this;
    this.#maker = new FileShareMaker(
      { downloads, blobs, keys, directory, clock, log, base: 'https://files.acme.test' },
      all,
    );
    this.visits = new Visits({ downloads, blobs, keys, letters, clock, log }, all);
    const journal: Pick<Journal, 'trace'> = {
      trace: async ({ ids }) => this.traces.filter(({ id }) => ids?.includes(id)),
    };
    this.upkeep = new DownloadUpkeep({ downloads, journal, blobs, keys, letters, clock, log }, all);
    this.operations = new Map(downloadOperations({ downloads, directory, clock }).map((one) => [one.name, one]));
  }

  /** Keeps a share as inspection does; `full` where there was no room, `revoked` where a person has ended it. */
  async share(
    to: readonly string[],
    {
      files = FILES,
      mail,
      version = 'v1',
      ...terms
    }: Partial<Links> & {
      readonly files?: typeof FILES;
      readonly mail?: MailInCustody;
      readonly version?: string;
    } = {},
  ): Promise<Kept | 'full' | 'revoked'> {
    const kept = mail ?? claimOf({ mail: { tenant: 'acme' as TenantId } }).mail;
    const change = {
      kind: 'secureLinks',
      parts: ['2', '3'],
      expireMs: 5 * 86_400_000,
      downloads: 2,
      proof: 'code',
    } as const;
    const recipients = to.map((address, i) => ({
      ...{ n: i + 1, address: address as MailAddress, version: version as PolicyVersion },
    }));
    const order = { mail: kept, change: { ...change, ...terms }, language: 'ja', files, recipients } as const;
    const share = await this.#maker.make(order, soon());
    if (typeof share === 'string') return share;
    return { share, mail: kept, tokens: recipients.map(({ n }) => this.keys.token({ share: share.id, n })) };
  }

  /** The text of a letter, and whom it is for. */
  letter(i = -1): { readonly to: string; readonly text: string } {
    const mail = this.letters.at(i);
    if (mail === undefined || mail.body.kind !== 'memory') throw new Error('there is no such letter');
    const content = Buffer.concat(mail.body.chunks).toString();
    const [head = '', body = ''] = content.split('\r\n\r\n', 2);
    if (!head.includes('charset=utf-8')) throw new Error('a letter in another charset');
    return { to: mail.recipients[0]?.address ?? '', text: Buffer.from(body, 'base64').toString() };
  }

  /** Calls an operation as the server does: input and output through its schemas. */
  async call<T>(name: string, input: object, by = 'cli:root'): Promise<T> {
    const found = this.operations.get(name);
    if (found === undefined) throw new Error(`there is no ${name}`);
    return found.output.parse(await found.handle(found.input.parse(input), { by, call: soon() })) as T;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.downloads[Symbol.asyncDispose]();
  }
}

export interface Kept {
  readonly share: MadeShare;
  readonly mail: MailInCustody;
  readonly tokens: readonly string[];
}

/** Long enough for a slow machine; no test waits for it. */
function soon() {
  return within(30_000);
}
