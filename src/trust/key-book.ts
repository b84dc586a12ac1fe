/**
 * Keys of tenants in memory, opened, for as long as they are fresh. A word of an operator counts later than any host goes without asking
 * (`limits.ts`), so that all of them sign the same mail with the same keys.
 *
 * What must never happen: an answer from what was known too long ago; more tenants in memory than the bound.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { Fault, type TenantId, within } from '#/model/index.ts';
import type { Clock, DomainKey, DomainKeyName, DomainKeys } from '#/ports/index.ts';
import { keysAskedMs, keysFreshMs, tenantsKeptMax } from './limits.ts';

/** Seals private keys under a key of the installation. `name` is bound to what is sealed. */
export interface KeySeal {
  seal(name: string, octets: Uint8Array): Uint8Array;
  /** Fault `key.missing` where it was sealed by another installation. */
  open(name: string, sealed: Uint8Array): Uint8Array;
}

export interface SigningKey extends DomainKey {
  readonly privateKey: KeyObject;
}

export interface KeyBookParts {
  readonly keys: Pick<DomainKeys, 'list'>;
  readonly seal: KeySeal;
  readonly clock: Pick<Clock, 'monotonic'>;
}

interface Page {
  readonly keys: Promise<readonly SigningKey[]>;
  /** What `keys` has come to; null until then. */
  found: readonly SigningKey[] | null;
  /** Monotonic ms at which it was asked for. */
  readonly askedAt: number;
}

export class KeyBook {
  readonly #parts: KeyBookParts;
  readonly #pages = new Map<TenantId, Page>();

  constructor(parts: KeyBookParts) {
    this.#parts = parts;
  }

  /** What is known now; null where it has to be asked for. */
  known(tenant: TenantId): readonly SigningKey[] | null {
    return this.#fresh(tenant)?.found ?? null;
  }

  /** Keys that sign or have signed for domains of the tenant. Faults `store.unavailable`, `key.missing`. */
  keysOf(tenant: TenantId): Promise<readonly SigningKey[]> {
    return (this.#fresh(tenant) ?? this.#ask(tenant)).keys;
  }

  #fresh(tenant: TenantId): Page | null {
    const page = this.#pages.get(tenant);
    return page !== undefined && this.#parts.clock.monotonic() - page.askedAt < keysFreshMs ? page : null;
  }

  #ask(tenant: TenantId): Page {
    const page: Page = { keys: this.#load(tenant), found: null, askedAt: this.#parts.clock.monotonic() };
    // The newest stands last, so that the oldest goes first.
    this.#pages.delete(tenant);
    this.#pages.set(tenant, page);
    const [oldest] = this.#pages.keys();
    if (this.#pages.size > tenantsKeptMax && oldest !== undefined) this.#pages.delete(oldest);
    page.keys.then(
      (found) => {
        page.found = found;
      },
      () => {
        if (this.#pages.get(tenant) === page) this.#pages.delete(tenant);
      },
    );
    return page;
  }

  async #load(tenant: TenantId): Promise<readonly SigningKey[]> {
    const found = await this.#parts.keys.list(tenant, within(keysAskedMs));
    return found.filter(({ activeAt }) => activeAt !== null).map((key) => ({ ...key, privateKey: this.#opened(key) }));
  }

  #opened(key: DomainKey): KeyObject {
    const der = Buffer.from(this.#parts.seal.open(sealName(key), key.sealed));
    try {
      return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    } catch (cause) {
      throw new Fault('key.missing', `The key ${key.selector} of ${key.domain} can't be read.`, cause);
    }
  }
}

/** What a sealed key is bound to. */
export function sealName({ tenant, domain, selector }: DomainKeyName): string {
  return `dkim ${tenant} ${domain} ${selector}`;
}
