/** Ports in memory, with knobs and a history, for tests of engines. */
import { createHash } from 'node:crypto';
import {
  type ArrivedMail,
  type BlobRef,
  type Call,
  type DestinationKey,
  type Domain,
  Fault,
  type FaultCode,
  LOCAL_DESTINATION,
  type MailAddress,
  type TenantId,
} from '#/model/index.ts';
import type {
  Blobs,
  BlobWriter,
  Clock,
  Intake,
  IntakeRoom,
  Log,
  LogFields,
  Meter,
  MxAnswer,
  Resolver,
  Routing,
} from '#/ports/index.ts';

/** A clock that a test moves. Sleepers wake when their time has come. */
export class FakeClock implements Clock {
  #now: number;
  #monotonic = 1_000;
  #sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  constructor(nowMs = Date.UTC(2026, 0, 15, 12)) {
    this.#now = nowMs;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((wake) => {
      this.#sleepers.push({ at: this.#monotonic + ms, wake });
      signal?.addEventListener('abort', () => wake(), { once: true });
    });
  }

  /** Sets the wall clock by `ms`; the monotonic one does not notice. */
  jump(ms: number): void {
    this.#now += ms;
  }

  /** Lets time pass, in steps, so that loops that sleep come round. */
  async advance(ms: number, stepMs = 1_000): Promise<void> {
    const end = this.#monotonic + ms;
    while (this.#monotonic < end) {
      const step = Math.min(stepMs, end - this.#monotonic);
      this.#monotonic += step;
      this.#now += step;
      const due = this.#sleepers.filter(({ at }) => at <= this.#monotonic);
      this.#sleepers = this.#sleepers.filter(({ at }) => at > this.#monotonic);
      for (const { wake } of due) wake();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** The door of custody: keeps what it accepted; can be slow, closed or broken. */
export class FakeIntake implements Intake {
  readonly accepted: (readonly ArrivedMail[])[] = [];
  /** Calls, refused ones too. */
  calls = 0;
  open: IntakeRoom = { open: true };
  /** Tenants whose store is away. */
  readonly away = new Set<TenantId>();
  fault: FaultCode | null = null;
  #gate: Promise<void> | null = null;
  #release: () => void = () => undefined;

  room(tenant?: TenantId): IntakeRoom {
    return tenant !== undefined && this.away.has(tenant) ? { open: false, why: 'store' } : this.open;
  }

  async accept(mails: readonly ArrivedMail[], _call: Call): Promise<void> {
    this.calls += 1;
    if (this.#gate !== null) await this.#gate;
    if (this.fault !== null) throw new Fault(this.fault);
    this.accepted.push(mails);
  }

  /** All mails, in order of acceptance. */
  get mails(): readonly ArrivedMail[] {
    return this.accepted.flat();
  }

  /** From now on commits wait for `release`. */
  hold(): void {
    this.#gate = new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  release(): void {
    this.#gate = null;
    this.#release();
  }
}

/** The content of a mail as text, one character per octet. */
export function textOf(mail: ArrivedMail | undefined, blobs?: FakeBlobs): string {
  if (mail === undefined) return '';
  if (mail.body.kind === 'memory') return Buffer.concat(mail.body.chunks).toString('latin1');
  return blobs?.contents.get(mail.body.ref.key)?.toString('latin1') ?? '';
}

/** Blobs in memory; can be broken, or slow as a test says. */
export class FakeBlobs implements Blobs {
  readonly contents = new Map<string, Buffer>();
  begun = 0;
  aborted = 0;
  fault: FaultCode | null = null;

  async create(tenant: TenantId, _call: Call): Promise<BlobWriter> {
    this.begun += 1;
    const key = `${tenant}/${this.begun}`;
    const pieces: Buffer[] = [];
    return {
      write: async (piece) => {
        if (this.fault !== null) throw new Fault(this.fault);
        await new Promise((resolve) => setImmediate(resolve));
        pieces.push(Buffer.from(piece));
      },
      finish: async () => {
        const content = Buffer.concat(pieces);
        this.contents.set(key, content);
        return { key, size: content.length, sha256: createHash('sha256').update(content).digest('hex') };
      },
      abort: async () => {
        if (!this.contents.has(key)) this.aborted += 1;
      },
    };
  }

  async *read(_tenant: TenantId, ref: BlobRef, _call: Call): AsyncGenerator<Uint8Array> {
    const content = this.contents.get(ref.key);
    if (content === undefined) throw new Fault('body.missing');
    yield content;
  }

  async has(_tenant: TenantId, ref: BlobRef, _call: Call): Promise<boolean> {
    return this.contents.get(ref.key)?.length === ref.size;
  }

  async condemn(): Promise<void> {}

  async purge(): Promise<number> {
    return 0;
  }
}

/** DNS from a table; names that are not in it have no records; can be silent. */
export class FakeResolver implements Resolver {
  readonly mxAnswers = new Map<string, MxAnswer>();
  readonly textAnswers = new Map<string, readonly string[]>();
  readonly asked: string[] = [];
  /** Never answers. */
  silent = false;

  async mx(domain: Domain, _call: Call): Promise<MxAnswer> {
    this.asked.push(domain);
    if (this.silent) await new Promise(() => undefined);
    return this.mxAnswers.get(domain) ?? { kind: 'none' };
  }

  async addresses(): Promise<readonly string[]> {
    return [];
  }

  async reverse(): Promise<string | null> {
    return null;
  }

  async texts(name: string, _call: Call): Promise<readonly string[]> {
    this.asked.push(name);
    if (this.silent) await new Promise(() => undefined);
    return this.textAnswers.get(name) ?? [];
  }
}

/** Local domains stay here, everything else goes to its MX. */
export class FakeRouting implements Routing {
  readonly #local: ReadonlySet<string>;

  constructor(localDomains: readonly string[]) {
    this.#local = new Set(localDomains);
  }

  plan(address: MailAddress): { readonly destination: DestinationKey; readonly held: null } {
    const domain = address.slice(address.lastIndexOf('@') + 1);
    return {
      destination: this.#local.has(domain) ? LOCAL_DESTINATION : (`mx:${domain}` as DestinationKey),
      held: null,
    };
  }

  enter({ address }: { readonly address: MailAddress }): { readonly destination: DestinationKey; readonly held: null } {
    return this.plan(address);
  }
}

/** A log that keeps what it was told. */
export class FakeLog implements Log {
  readonly lines: { readonly event: string; readonly fields: LogFields }[] = [];

  info(event: string, fields: LogFields = {}): void {
    this.lines.push({ event, fields });
  }

  warn(event: string, fields: LogFields = {}): void {
    this.info(event, fields);
  }

  error(event: string, fields: LogFields = {}): void {
    this.info(event, fields);
  }

  child(): Log {
    return this;
  }
}

/** Meters that add up by name. */
export class FakeMeter implements Meter {
  readonly values = new Map<string, number>();

  counter(name: string): { add(amount?: number): void } {
    return { add: (amount = 1) => void this.values.set(name, (this.values.get(name) ?? 0) + amount) };
  }

  gauge(name: string): { set(value: number): void } {
    return { set: (value) => void this.values.set(name, value) };
  }

  histogram(name: string): { observe(value: number): void } {
    return { observe: (value) => void this.values.set(name, value) };
  }
}
