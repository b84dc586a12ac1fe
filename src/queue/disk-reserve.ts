/**
 * Whether there is disk for more mail. Accepting stops while the reserve still holds the outcomes of the whole queue and a purge,
 * and resumes only when clearly more is free, so that it does not flap (design 1, Disk).
 */
import { statfs } from 'node:fs/promises';
import type { Custody, Log } from '#/ports/index.ts';
import type { QueueMeters } from './meters.ts';
import type { DiskSettings } from './settings.ts';
import { reasonOf } from './settler.ts';

export interface DiskReserveParts {
  readonly custody: Pick<Custody, 'reserveBytes'>;
  /** Free octets where custody is kept. */
  readonly freeBytes: () => Promise<number>;
  readonly log: Log;
  readonly meters: QueueMeters;
}

export class DiskReserve {
  readonly #settings: DiskSettings;
  readonly #parts: DiskReserveParts;
  #open = true;

  constructor(settings: DiskSettings, parts: DiskReserveParts) {
    this.#settings = settings;
    this.#parts = parts;
  }

  get open(): boolean {
    return this.#open;
  }

  /** Measures; a disk that can't be measured keeps the last answer. */
  async look(): Promise<void> {
    try {
      this.#judge(await this.#parts.freeBytes());
    } catch (cause) {
      this.#parts.log.warn('queue.disk_unmeasured', { why: reasonOf(cause) });
    }
  }

  #judge(free: number): void {
    const { log, meters, custody } = this.#parts;
    const reserve = custody.reserveBytes() + this.#settings.reserveBytes;
    meters.freeDisk.set(free);
    meters.reserve.set(reserve);
    const open = free >= reserve + (this.#open ? 0 : this.#settings.resumeBytes);
    if (open && !this.#open) log.info('queue.disk_back', { free, reserve });
    if (!open && this.#open) log.error('queue.disk_low', { free, reserve });
    this.#open = open;
  }
}

/** Free octets of the file system that holds `path`, as an unprivileged process may use them. */
export async function freeBytesOf(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}
