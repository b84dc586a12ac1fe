/** Makes what is kept of passwords, and compares with it. */
import { hash, timingSafeEqual } from 'node:crypto';
import type { Call, StoredSecret } from '#/model/index.ts';
import { hashArgon2id, isWeakArgon2id, verifyArgon2id } from './argon2id.ts';
import type { HashQueue } from './hash-queue.ts';
import { makeScram } from './scram-secret.ts';
import { verifyShaCrypt } from './sha-crypt.ts';

export class SecretKeeper {
  readonly #queue: HashQueue;
  readonly #scram: boolean;
  #dummy: Promise<string> | null = null;

  /** `scram`: generated secrets also carry SCRAM keys (`auth.scram`). */
  constructor(queue: HashQueue, scram: boolean) {
    this.#queue = queue;
    this.#scram = scram;
  }

  /** A chosen password, slow to guess; faults `call.late`. */
  async hashPassword(plain: string, call: Call): Promise<StoredSecret> {
    return { kind: 'argon2id', phc: await this.#queue.run(() => hashArgon2id(plain), call) };
  }

  /** A generated one, which nobody can guess: a fast hash is enough (design 6). */
  hashGenerated(plain: string): StoredSecret {
    return { kind: 'sha256', hex: hash('sha256', plain), scram: this.#scram ? makeScram(plain) : null };
  }

  /** Whether a comparison costs next to nothing. */
  isFast(secret: StoredSecret): secret is Extract<StoredSecret, { kind: 'sha256' }> {
    return secret.kind === 'sha256';
  }

  /** Compares with a fast hash. */
  matchesFast(plain: string, secret: Extract<StoredSecret, { kind: 'sha256' }>): boolean {
    const [found, wanted] = [hash('sha256', plain, 'buffer'), Buffer.from(secret.hex, 'hex')];
    return found.length === wanted.length && timingSafeEqual(found, wanted);
  }

  /** Compares with any hash; faults `call.late`. */
  async matches(plain: string, secret: StoredSecret, call: Call): Promise<boolean> {
    if (secret.kind === 'sha256') return this.matchesFast(plain, secret);
    if (secret.kind === 'crypt') return await this.#queue.run(() => verifyShaCrypt(plain, secret.hash), call);
    return await this.#queue.run(() => verifyArgon2id(plain, secret.phc), call);
  }

  /** Spends what a comparison would have cost, so that an unknown name takes as long as a wrong password; faults `call.late`. */
  async pretend(plain: string, call: Call): Promise<void> {
    this.#dummy ??= hashArgon2id('nobody');
    const phc = await this.#dummy;
    await this.#queue.run(() => verifyArgon2id(plain, phc), call);
  }

  /** Whether the hash should be made anew at the next right password. */
  isOutdated(secret: StoredSecret): boolean {
    return secret.kind === 'crypt' || (secret.kind === 'argon2id' && isWeakArgon2id(secret.phc));
  }
}
