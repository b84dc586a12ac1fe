/**
 * Which cloud relay a message comes from. All tenants of a cloud suite share its addresses and its certificate, so only the secret
 * that our transport rule adds to the header says whose mail it is (design 6, Shared clouds).
 */
import { createHash } from 'node:crypto';
import type { Directory } from '#/model/index.ts';
import type { Principal } from '#/ports/index.ts';
import { type CloudKind, cloudKindOf, hasCertificate } from './clouds.ts';

/** The field that carries the secret; taken off at the door. */
export const CONNECTOR_FIELD = 'X-Holdfast-Connector';

interface Connectors {
  readonly all: readonly Principal[];
  readonly bySecret: ReadonlyMap<string, Principal>;
  readonly kinds: ReadonlySet<CloudKind>;
}

export class ConnectorIndex {
  readonly #byGeneration = new WeakMap<Directory, Connectors>();

  /** The relay of this secret, or of the one before it, in a generation; null where nobody's, or switched off. */
  find(secret: string, directory: Directory): Principal | null {
    // Looked up by its hash: how long the look-up takes tells nothing of the secret.
    const hex = createHash('sha256').update(secret.trim()).digest('hex');
    return this.#of(directory).bySecret.get(hex) ?? null;
  }

  /** All cloud relays that are switched on. */
  all(directory: Directory): readonly Principal[] {
    return this.#of(directory).all;
  }

  /** Whether somebody here relays from this cloud. */
  uses(kind: CloudKind, directory: Directory): boolean {
    return this.#of(directory).kinds.has(kind);
  }

  /** Whether a client's certificate could tell us anything: else nobody is asked for one. */
  wantsCertificates(directory: Directory): boolean {
    return [...this.#of(directory).kinds].some(hasCertificate);
  }

  #of(directory: Directory): Connectors {
    return this.#byGeneration.get(directory) ?? this.#build(directory);
  }

  #build(directory: Directory): Connectors {
    const all: Principal[] = [];
    const bySecret = new Map<string, Principal>();
    const kinds = new Set<CloudKind>();
    for (const tenant of directory.tenants) {
      for (const relay of tenant.relays) {
        const kind = cloudKindOf(relay);
        if (kind === null || relay.disabled || relay.connectorSecret?.kind !== 'sha256') continue;
        const identity = { kind: 'relay', tenant: tenant.id, name: relay.name } as const;
        const principal: Principal = { identity, tenant, relay, user: null };
        all.push(principal);
        bySecret.set(relay.connectorSecret.hex.toLowerCase(), principal);
        if (relay.formerSecret?.kind === 'sha256') bySecret.set(relay.formerSecret.hex.toLowerCase(), principal);
        kinds.add(kind);
      }
    }
    const built = { all, bySecret, kinds };
    this.#byGeneration.set(directory, built);
    return built;
  }
}
