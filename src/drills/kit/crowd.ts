/** Very many mails of very many companies: each has an address of the loopback that it sends from, a rule that has its mail inspected, and a contact. */
import { pause } from './installation.ts';
import { TestClient } from './smtp-client.ts';
import { RECIPIENTS_MAX, Tally } from './tally.ts';

const CONNECTIONS = 24;
/** Mails of one company in a row, by one connection. */
const RUN = 20;
const SEND_MS = 60_000;
const AGAIN_MS = 200;
/** One mail of so many has two recipients: one of them may be served and the other not. */
const DOUBLE_EVERY = 4;
const BODY_BYTES = 600;
/** Recipients under way before the senders wait: a backlog is not what is looked at. */
const UNDER_WAY_MAX = 4_000;
const LOOK_MS = 20;

export class Crowd {
  readonly mails: number;
  readonly tenants: number;
  readonly tally: Tally;

  constructor(mails: number, tenants: number) {
    this.mails = mails;
    this.tenants = tenants;
    this.tally = new Tally(mails);
  }

  idOf(tenant: number): string {
    return `t${String(tenant + 1).padStart(3, '0')}`;
  }

  contactOf(tenant: number): string {
    return `it-${this.idOf(tenant)}@contacts.test`;
  }

  tenantOf(mail: number): number {
    return Math.floor(mail / RUN) % this.tenants;
  }

  /** The address by which a recipient is known when it arrives. */
  addressOf(mail: number, n: number): string {
    return Tally.addressOf(mail, n);
  }

  recipientsOf(mail: number): number {
    return mail % DOUBLE_EVERY === 0 ? RECIPIENTS_MAX : 1;
  }

  /** Of an installation that has these cells, or none: each company in turn in one of them. */
  resources(cells: readonly string[] = []): string {
    const all = Array.from({ length: this.tenants }, (_, tenant) => {
      const id = this.idOf(tenant);
      return [
        `  - id: ${id}`,
        `    name: ${id}`,
        ...(cells.length === 0 ? [] : [`    cell: ${cells[tenant % cells.length]}`]),
        `    domains: [${id}.test]`,
        `    contacts: [${this.contactOf(tenant)}]`,
        '    relays:',
        `      - { name: server, kind: server, networks: [${networkOf(tenant)}/32], senders: ["*@${id}.test"] }`,
        '    policies:',
        '      - { name: secrets, when: { direction: outbound, words: [社外秘] }, action: { hold: 15m } }',
      ].join('\n');
    });
    return `tenants:\n${all.join('\n')}\n`;
  }

  /**
   * Sends the mails from one number to another, and ends when each has its answer. A mail is never sent twice: what has no 250 is not promised.
   * `unservedMax` is how many recipients may stay unserved for good.
   */
  async send(port: number, from: number, to: number, unservedMax: number, signal: AbortSignal): Promise<void> {
    let next = from;
    const one = async (): Promise<void> => {
      while (next < to) {
        signal.throwIfAborted();
        const begin = next;
        next = Math.min(to, (Math.floor(begin / RUN) + 1) * RUN);
        await this.#sendRun(port, begin, next, unservedMax);
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, one));
  }

  async #sendRun(port: number, begin: number, end: number, unservedMax: number): Promise<void> {
    const tenant = this.tenantOf(begin);
    while (this.tally.promised - this.tally.served > UNDER_WAY_MAX + unservedMax) await pause(LOOK_MS);
    const client = await TestClient.open(port, networkOf(tenant), SEND_MS);
    if (client === null) await pause(AGAIN_MS);
    for (let mail = begin; client !== null && !client.gone && mail < end; mail++) {
      const to = Array.from({ length: this.recipientsOf(mail) }, (_, n) => this.addressOf(mail, n));
      const from = `sender@${this.idOf(tenant)}.test`;
      const { queueId, taken } = await client.send({ id: String(mail), from, to, bodyBytes: BODY_BYTES });
      if (queueId !== null) for (const address of taken) this.tally.promise(mail, to.indexOf(address));
    }
    client?.close();
  }
}

/** Any address of 127.0.0.0/8 is this machine's own. */
function networkOf(tenant: number): string {
  return `127.1.${Math.floor(tenant / 250)}.${1 + (tenant % 250)}`;
}
