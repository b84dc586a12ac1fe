/** A keeper in a bucket for tests: a prefix of its own, a clock that the test moves, and what it logged. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseS3Url, type S3Place } from '#/codec/s3/index.ts';
import type { BlobRef, TenantId } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type { Blobs, Clock } from '#/ports/index.ts';
import type { KeyRing } from '../keys/index.ts';
import { openKeyRing, wrappedKeysInMemory } from '../keys/index.ts';
import type { S3Credentials } from './credentials.ts';
import type { S3Blobs } from './index.ts';
import { openS3Blobs } from './index.ts';
import type { S3Limits } from './limits.ts';

export const NOON = Date.UTC(2026, 10, 21, 12);
export const ACME = 'acme' as TenantId;

/** Bounds with which a test of an outage ends soon. */
export const IMPATIENT: Partial<S3Limits> = {
  stallMs: 400,
  operationMs: 3_000,
  backOffMs: 20,
  restMs: 300,
  restMsMax: 300,
};

export interface S3UnderTest extends AsyncDisposable {
  readonly place: S3Place;
  readonly blobs: S3Blobs;
  readonly keyRing: KeyRing;
  readonly clock: { at: number };
  readonly logged: string[];
  /** Another keeper of the same bucket and keys. */
  readonly reopen: (limits?: Partial<S3Limits>) => Promise<S3Blobs>;
}

export interface S3Account {
  /** `s3://bucket/prefix?…`, for a prefix. */
  url(prefix: string): string;
  readonly credentials: S3Credentials;
}

/** Opens one below a new prefix. */
export async function openS3UnderTest(account: S3Account, limits: Partial<S3Limits> = {}): Promise<S3UnderTest> {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-s3-'));
  const keyRing = await openKeyRing({ keyFile: join(dir, 'secrets.key'), wrapped: wrappedKeysInMemory() });
  const place = parseS3Url(account.url(randomUUID()));
  if ('wrong' in place) throw new Error(place.wrong);
  const [clock, logged]: [{ at: number }, string[]] = [{ at: NOON }, []];
  const log = {
    info: (event: string) => void logged.push(event),
    warn: (event: string) => void logged.push(event),
  };
  const time: Clock = { now: () => clock.at, monotonic: () => performance.now(), sleep: (ms) => pause(ms) };
  const open = (more: Partial<S3Limits>) =>
    openS3Blobs({ place, credentials: account.credentials, keyRing, limits: more }, { clock: time, log });
  await using opened = new AsyncDisposableStack();
  opened.defer(() => rm(dir, { recursive: true }));
  const blobs = opened.use(open(limits));
  const kept = opened.move();
  const reopen = async (more: Partial<S3Limits> = limits) => kept.use(open(more));
  return { place, blobs, keyRing, clock, logged, reopen, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

export async function put(blobs: Blobs, content: Uint8Array, step = 100_000): Promise<BlobRef> {
  const writer = await blobs.create(ACME, within(20_000));
  for (let at = 0; at < content.length; at += step) await writer.write(content.subarray(at, at + step));
  return writer.finish();
}

export async function get(blobs: Blobs, ref: BlobRef): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(blobs.read(ACME, ref, within(20_000))));
}
