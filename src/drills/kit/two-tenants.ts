/** Two companies that send without a pause, each from its own address, and settings that send all of it to one hop. */
import { pause } from './installation.ts';
import { type Answered, TestClient, type TestMail } from './smtp-client.ts';

/** They are told apart by the network that they come from: any address of 127.0.0.0/8 is ours. */
export const TENANTS = [
  { id: 'acme', from: '127.0.0.2' },
  { id: 'bolt', from: '127.0.0.3' },
] as const;

/** Resources with a relay for each. */
export const RESOURCES: string = `tenants:\n${TENANTS.map(
  ({ id, from }) =>
    `  - id: ${id}\n    name: ${id}\n    domains: [${id}.test]\n    relays:\n      - { name: server, kind: server, networks: [${from}/32], senders: ["*@${id}.test"] }\n`,
).join('')}`;

/** Settings that retry within seconds and send everything to one port of the loopback, DSNs to our own tenants included. */
export function settingsFor(hopPort: number): string {
  return [
    'outbound: on',
    'retry: { first: 1s, factor: 2, max: 3s, delayNotice: 4h, expire: 5d }',
    'routes:',
    `  - { domains: ["*"], host: 127.0.0.1, port: ${hopPort}, tls: none }`,
  ].join('\n');
}

export interface LoadPlan {
  readonly port: number;
  readonly connections: number;
  readonly roll: () => number;
  /** Longest pause of a connection between two mails, ms. */
  readonly pauseMs: number;
  /** Chance of a mail of 1.5 MB. */
  readonly large: number;
  /** Tells the mails of several loads apart. */
  readonly prefix?: string;
}

/** A mail that was sent, and when its answer, or the end of the connection, came. */
export interface Sent extends Answered {
  /** Wall-clock ms. */
  readonly at: number;
}

const CONNECT_MS = 15_000;
const AGAIN_MS = 50;
const MAILS_PER_CONNECTION = 200;

/** Connections that send until they are told to stop; each comes back when it is cut off. A mail is never sent twice. */
export class SteadyLoad implements AsyncDisposable {
  readonly sent: Sent[] = [];
  readonly #plan: LoadPlan;
  readonly #senders: readonly Promise<void>[];
  #stopping = false;
  #count = 0;

  /** Begins at once. */
  constructor(plan: LoadPlan) {
    this.#plan = plan;
    this.#senders = Array.from({ length: plan.connections }, (_, i) => this.#keepSending(TENANTS[i % 2] ?? TENANTS[0]));
  }

  /** Ends when every mail under way has its answer. */
  async stop(): Promise<readonly Sent[]> {
    this.#stopping = true;
    await Promise.all(this.#senders);
    return this.sent;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #keepSending(tenant: (typeof TENANTS)[number]): Promise<void> {
    while (!this.#stopping) {
      const client = await TestClient.open(this.#plan.port, tenant.from, CONNECT_MS);
      if (client === null) await pause(AGAIN_MS);
      else await this.#sendBy(client, tenant.id);
    }
  }

  async #sendBy(client: TestClient, tenant: string): Promise<void> {
    const { roll, pauseMs } = this.#plan;
    for (let i = 0; i < MAILS_PER_CONNECTION && !this.#stopping && !client.gone; i++) {
      const answered = await client.send(this.#mail(tenant));
      this.sent.push({ ...answered, at: Date.now() });
      await pause(roll() * pauseMs);
    }
    client.close();
  }

  #mail(tenant: string): TestMail {
    const { roll, large, prefix = '' } = this.#plan;
    const id = `${prefix}${tenant}-${++this.#count}`;
    const domainOf = (i: number): string => (i % 2 ? 'one.example' : 'two.example');
    const to = Array.from({ length: 1 + Math.floor(roll() * 4) }, (_, i) => `${id}-${i}@${domainOf(i)}`);
    const bodyBytes = roll() < large ? 1_500_000 : 500 + Math.floor(roll() * 6000);
    return { id, from: `sender@${tenant}.test`, to, bodyBytes };
  }
}
