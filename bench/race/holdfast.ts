/** Holdfast in the race: as shipped, with trace, journal, tenants, limits and audit. */
import { Holdfast } from '../../test/support/holdfast.ts';
import type { Duty, Racer } from './racer.ts';

export interface HoldfastChoice {
  /** A database instead of the embedded store. */
  readonly store?: string | null;
  readonly env?: NodeJS.ProcessEnv;
  /** Rules, each as one line of YAML; with any, it inspects. */
  readonly policies?: readonly string[];
}

/** With its installation, for what only Holdfast is asked. */
export interface HoldfastRacer extends Racer {
  readonly installation: Holdfast;
}

const RESOURCES = `tenants:
  - id: bench
    name: Bench
    domains: [bench.test]
    relays:
      - { name: generator, kind: server, networks: [127.0.0.1/32], senders: ["*@bench.test"] }
`;
const LIMITS = 'limits: { messageBytes: 50MB, recipients: 1000, connections: 2000, reservedForSignedIn: 400 }';

/** Starts an installation of its own. */
export async function startHoldfastRacer(duty: Duty, choice: HoldfastChoice = {}): Promise<HoldfastRacer> {
  const { store = null, env = {}, policies = [] } = choice;
  const rules = policies.length === 0 ? '' : `    policies:\n${policies.map((rule) => `      - ${rule}\n`).join('')}`;
  const roles = policies.length === 0 ? [] : ['roles: [[gate, deliver], inspect, janitor]'];
  const installation = await Holdfast.start({
    settings: [...waysOut(duty), ...roles, LIMITS, ...(store === null ? [] : [`store: "${store}"`])].join('\n'),
    resources: `${RESOURCES}${rules}`,
    env: { ...duty.env, ...env },
  });
  return {
    name: 'Holdfast',
    installation,
    port: installation.ports.smtp,
    roots: () => [installation.pid],
    taken: () => installation.metric('holdfast_queue_accepted_messages_total'),
    tidy: async () => {},
    deferred: () => installation.metric('holdfast_queue_waiting_recipients'),
    flush: async () => {},
    [Symbol.asyncDispose]: () => installation[Symbol.asyncDispose](),
  };
}

function waysOut({ relayTo }: Duty): string[] {
  if (relayTo === null) return ['outbound: off'];
  return ['outbound: on', 'routes:', `  - { domains: ["*"], host: 127.0.0.1, port: ${relayTo}, tls: none }`];
}
