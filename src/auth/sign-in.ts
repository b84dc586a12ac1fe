/**
 * Proving who somebody is (ports/sign-in.ts).
 *
 * The order of looking decides what an attacker can do: proven lately, and by this very address → yes; too many failures from this
 * address → later; a generated secret that is right → yes; too many failures on this name → later, unless this address has proved
 * itself for it before; proven lately from elsewhere → yes; then the slow hash, in its queue. Every wrong answer has cost a slow
 * hash, whether the name exists or not.
 *
 * What must never happen: a password compared after its limit was reached, be it with a remembered one, unless its owner signed in
 * from that address a short while ago; a refusal that tells a known name from an unknown one; a hash outside the queue.
 */
import type { Call, Identity, PeerAddress, StoredSecret } from '#/model/index.ts';
import { addressKey, formatIp, isFault, parseIp, within } from '#/model/index.ts';
import type { Clock, DirectorySource, Log, Principal, ScramKeys, SignIn, SignInAnswer } from '#/ports/index.ts';
import { BoundedMap } from './bounded-map.ts';
import { FailureLimit } from './failure-limit.ts';
import type { Grants } from './grants.ts';
import * as limits from './limits.ts';
import { ProvenCache } from './proven-cache.ts';
import { inventScram, readScram } from './scram-secret.ts';
import type { SecretKeeper } from './secret-keeper.ts';

/** Puts a better hash of the same password into the registry; false where it has changed meanwhile. */
export type Renew = (
  identity: Identity,
  secrets: { readonly from: StoredSecret; readonly to: StoredSecret },
  call: Call,
) => Promise<boolean>;

export interface SignInParts {
  readonly directory: DirectorySource;
  readonly clock: Clock;
  readonly log: Log;
  readonly secrets: SecretKeeper;
  readonly grants: Grants;
  readonly renew: Renew;
  /** Tells the administrator's list of a failed sign-in. */
  readonly failed: (principal: Principal, error: string) => void;
  /** `auth.scram`. */
  readonly scram: boolean;
  /** What invented SCRAM answers are made from; the same for ever, or a restart would tell. */
  readonly scramSeed: Buffer;
}

const LATER: SignInAnswer = { kind: 'later' };
const REFUSED: SignInAnswer = { kind: 'refused' };

interface Candidate {
  readonly principal: Principal;
  readonly secret: StoredSecret;
}

export class SignInDesk implements SignIn {
  readonly #parts: SignInParts;
  readonly #proven: ProvenCache;
  readonly #byAddress: FailureLimit;
  readonly #byName: FailureLimit;
  /** Who proved themselves from where, and when by the monotonic clock. */
  readonly #acquainted = new BoundedMap<string, number>(limits.ACQUAINTED_MAX);
  readonly #renewals = new Set<Promise<void>>();

  constructor(parts: SignInParts) {
    this.#parts = parts;
    this.#proven = new ProvenCache(parts.clock);
    this.#byAddress = new FailureLimit(parts.clock, limits.FAILURES_PER_ADDRESS, limits.COUNTED_MAX);
    this.#byName = new FailureLimit(parts.clock, limits.FAILURES_PER_NAME, limits.COUNTED_MAX);
  }

  async password(username: string, password: string, peer: PeerAddress, call: Call): Promise<SignInAnswer> {
    const name = addressKey(username.slice(0, limits.USERNAME_CHARACTERS_MAX));
    const candidate = this.#candidate(name);
    const place = placeOf(peer);
    if (candidate !== null && this.#cameLately(name, place) && this.#proven.has(name, password, candidate.secret))
      return proven(candidate.principal);
    if (!this.#byAddress.take(place)) return LATER;
    const answer = await this.#judge(name, password, place, candidate, call);
    if (answer.kind !== 'refused') this.#byAddress.giveBack(place);
    else if (candidate !== null) this.#parts.failed(candidate.principal, `wrong password from ${peer.address}`);
    return answer;
  }

  scramKeys(username: string, _peer: PeerAddress): ScramKeys | null {
    if (!this.#parts.scram) return null;
    const name = addressKey(username.slice(0, limits.USERNAME_CHARACTERS_MAX));
    const secret = this.#candidate(name)?.secret;
    const text = secret?.kind === 'sha256' ? secret.scram : null;
    return (text === null ? null : readScram(text)) ?? inventScram(name, this.#parts.scramSeed);
  }

  scramDone(username: string, isProven: boolean, peer: PeerAddress): SignInAnswer {
    const name = addressKey(username.slice(0, limits.USERNAME_CHARACTERS_MAX));
    const candidate = this.#candidate(name);
    const place = placeOf(peer);
    if (!this.#byAddress.take(place)) return LATER;
    if (!isProven || candidate === null) {
      if (candidate !== null) this.#parts.failed(candidate.principal, `wrong password from ${peer.address}`);
      return this.#byName.take(name) ? REFUSED : LATER;
    }
    this.#byAddress.giveBack(place);
    return proven(candidate.principal);
  }

  network(peer: PeerAddress): Principal | null {
    const found = this.#parts.directory.current().relayByAddress(peer.address);
    if (found === undefined || found.relay.disabled) return null;
    const { tenant, relay } = found;
    return { identity: { kind: 'relay', tenant: tenant.id, name: relay.name }, tenant, user: null, relay };
  }

  /** Waits for renewals under way. */
  async settle(): Promise<void> {
    await Promise.all(this.#renewals);
  }

  async #judge(
    name: string,
    password: string,
    place: string,
    candidate: Candidate | null,
    call: Call,
  ): Promise<SignInAnswer> {
    const granted = this.#parts.grants.use(name, password);
    if (granted !== null) return proven(granted);
    const { secrets } = this.#parts;
    const fast = candidate !== null && secrets.isFast(candidate.secret) ? candidate.secret : null;
    if (candidate !== null && fast !== null && isPlausible(password) && secrets.matchesFast(password, fast)) {
      return this.#welcome(name, place, candidate);
    }
    const known = this.#acquainted.get(`${name} ${place}`) !== undefined;
    if (!known && !this.#byName.take(name)) return LATER;
    const answer = await this.#compareSlowly(name, password, place, fast === null ? candidate : null, call);
    if (!known && answer.kind !== 'refused') this.#byName.giveBack(name);
    return answer;
  }

  async #compareSlowly(
    name: string,
    password: string,
    place: string,
    candidate: Candidate | null,
    call: Call,
  ): Promise<SignInAnswer> {
    const { secrets } = this.#parts;
    const text = isPlausible(password) ? password : '';
    try {
      if (candidate === null || text === '') {
        await secrets.pretend(text, call);
        return REFUSED;
      }
      if (this.#proven.has(name, text, candidate.secret)) return this.#welcome(name, place, candidate);
      if (!(await secrets.matches(text, candidate.secret, call))) return REFUSED;
    } catch (error) {
      if (isFault(error, 'call.late')) return LATER;
      throw error;
    }
    this.#proven.add(name, password, candidate.secret);
    if (secrets.isOutdated(candidate.secret)) this.#renewSoon(candidate, text);
    return this.#welcome(name, place, candidate);
  }

  #welcome(name: string, place: string, { principal }: Candidate): SignInAnswer {
    this.#acquainted.set(`${name} ${place}`, this.#parts.clock.monotonic());
    return proven(principal);
  }

  #cameLately(name: string, place: string): boolean {
    const at = this.#acquainted.get(`${name} ${place}`);
    return at !== undefined && this.#parts.clock.monotonic() - at < limits.PROVEN_MS;
  }

  // Who is switched off, or has no password, is looked at like a name that nobody has.
  #candidate(name: string): Candidate | null {
    const found = this.#parts.directory.current().login(name);
    if (found === undefined) return null;
    const { tenant } = found;
    const owner = 'user' in found ? found.user : found.relay;
    if (owner.disabled || owner.secret === null) return null;
    const user = 'user' in found ? found.user : null;
    const relay = 'relay' in found ? found.relay : null;
    const identity: Identity =
      user === null
        ? { kind: 'relay', tenant: tenant.id, name: relay?.name ?? '' }
        : { kind: 'user', tenant: tenant.id, name: user.address };
    return { principal: { identity, tenant, user, relay }, secret: owner.secret };
  }

  // The sign-in does not wait for it; a failure only means that the next sign-in tries again.
  #renewSoon({ principal, secret }: Candidate, password: string): void {
    const renewal = this.#renew(principal.identity, secret, password)
      .catch((error: unknown) => {
        this.#parts.log.warn('auth.renewal-failed', { error: error instanceof Error ? error.message : String(error) });
      })
      .finally(() => this.#renewals.delete(renewal));
    this.#renewals.add(renewal);
  }

  async #renew(identity: Identity, from: StoredSecret, password: string): Promise<void> {
    const call = within(limits.RENEWAL_DEADLINE_MS);
    const to = await this.#parts.secrets.hashPassword(password, call);
    const isDone = await this.#parts.renew(identity, { from, to }, call);
    this.#parts.log.info('auth.renewed', { tenant: identity.tenant, done: isDone });
  }
}

function proven(principal: Principal): SignInAnswer {
  return { kind: 'proven', principal };
}

function isPlausible(password: string): boolean {
  return password.length > 0 && password.length <= limits.PASSWORD_CHARACTERS_MAX;
}

const HALF = 64n;

/** Whom failures are counted for: an IPv4 address, or the /64 that one IPv6 customer has. */
function placeOf({ address }: PeerAddress): string {
  const ip = parseIp(address);
  if (ip === null) return address;
  return ip.family === 4 ? formatIp(ip) : formatIp({ family: 6, value: (ip.value >> HALF) << HALF });
}
