/** The model of `ports/blobs.ts`: what it keeps ends with the process. */
import { createHash, randomUUID } from 'node:crypto';
import type { BlobRef, Call, TenantId } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { Blobs, BlobWriter, Clock } from '#/ports/index.ts';

type Kept = { readonly content: Buffer; readonly begunAt: number; condemnedAt: number | null };

/** Blobs in memory. */
export function openMemoryBlobs({ clock }: { readonly clock: Pick<Clock, 'now'> }): Blobs {
  const kept = new Map<string, Kept>();
  return {
    create: async (tenant, call) => {
      refuseLate(call);
      return memoryWriter((key, content) =>
        kept.set(nameOf(tenant, key), { content, begunAt: clock.now(), condemnedAt: null }),
      );
    },
    read: async function* (tenant, ref, call) {
      refuseLate(call);
      const blob = kept.get(nameOf(tenant, ref.key));
      if (blob === undefined) throw new Fault('body.missing');
      if (!matches(blob.content, ref)) throw new Fault('body.damaged');
      yield blob.content;
    },
    has: async (tenant, ref, call) => {
      refuseLate(call);
      return kept.get(nameOf(tenant, ref.key))?.content.length === ref.size;
    },
    condemn: async (tenant, keys, call) => {
      refuseLate(call);
      for (const key of keys) {
        const blob = kept.get(nameOf(tenant, key));
        if (blob !== undefined) blob.condemnedAt ??= clock.now();
      }
    },
    purge: (before, inUse) => purge(kept, before, clock.now(), inUse),
  };
}

function memoryWriter(keep: (key: string, content: Buffer) => void): BlobWriter {
  const pieces: Uint8Array[] = [];
  let open = true;
  const refuseEnded = (): void => {
    if (!open) throw new Fault('store.unavailable', 'This content has ended already.');
  };
  return {
    write: async (piece) => {
      refuseEnded();
      pieces.push(Uint8Array.from(piece));
    },
    finish: async () => {
      refuseEnded();
      open = false;
      const [key, content] = [randomUUID(), Buffer.concat(pieces)];
      keep(key, content);
      return { key, size: content.length, sha256: sha256(content) };
    },
    abort: async () => {
      open = false;
    },
  };
}

async function purge(
  kept: Map<string, Kept>,
  before: number,
  nowMs: number,
  inUse: (keys: readonly string[]) => Promise<ReadonlySet<string>>,
): Promise<number> {
  const old = [...kept].filter(([, { begunAt }]) => begunAt < before);
  const needed = await inUse(old.map(([name]) => keyOf(name)));
  let gone = 0;
  for (const [name, blob] of old) {
    if (needed.has(keyOf(name))) blob.condemnedAt = null;
    else if (blob.condemnedAt === null) blob.condemnedAt = nowMs;
    else if (blob.condemnedAt < before && kept.delete(name)) gone++;
  }
  return gone;
}

function nameOf(tenant: TenantId, key: string): string {
  return `${key} ${tenant}`;
}

function keyOf(name: string): string {
  return name.slice(0, name.indexOf(' '));
}

function matches(content: Buffer, ref: BlobRef): boolean {
  return content.length === ref.size && sha256(content) === ref.sha256;
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function refuseLate(call: Call): void {
  if (call.signal?.aborted || performance.now() > call.deadlineAt) throw new Fault('call.late');
}
