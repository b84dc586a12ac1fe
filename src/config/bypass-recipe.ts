/** How mail is sent around this installation while it can't take it, for each kind of connector. Words for an administrator who is in a hurry. */
import type { StoredRelay } from './resources/stored.ts';

export interface Recipe {
  /** What mail that is sent so goes without. */
  readonly without: string;
  readonly connectors: readonly { readonly name: string; readonly kind: string; readonly steps: readonly string[] }[];
}

const WITHOUT =
  'Mail that is sent around this installation meets no rule, gets no signature from here, is not in its traces or books, and can’t be held, stopped or recalled here.';

/** The steps of each relay of a tenant, those that need most of them first. */
export function recipeFor(relays: readonly StoredRelay[], hostname: string): Recipe {
  const inUse = relays.filter(({ disabled }) => !disabled);
  return {
    without: WITHOUT,
    connectors: inUse.map(({ name, kind, senders }) => ({ name, kind, steps: STEPS[kind]({ hostname, senders }) })),
  };
}

interface Known {
  readonly hostname: string;
  readonly senders: readonly string[];
}

const STEPS: Readonly<Record<StoredRelay['kind'], (known: Known) => readonly string[]>> = {
  microsoft365: ({ hostname }) => [
    `Exchange admin center → Mail flow → Connectors: turn off the connector “from Office 365 to your organization or partner” whose smart host is ${hostname}. Mail then leaves by Microsoft’s own servers within minutes.`,
    'Mail flow → Rules: turn off the rule that routes to this connector and sets X-Holdfast-Connector; a rule that names a connector which is off keeps mail waiting.',
    'Or by PowerShell: Set-OutboundConnector "NAME" -Enabled $false, and Disable-TransportRule "NAME".',
    'SPF of your domains has to name include:spf.protection.outlook.com, or receivers will doubt what is sent so.',
    'Afterwards: turn on the connector first, then the rule. Messages that waited at Microsoft go by themselves; Get-MessageTrace shows them.',
  ],
  google: ({ hostname }) => [
    `Admin console → Apps → Google Workspace → Gmail → Hosts and Routing: turn off the outbound gateway or routing rule to ${hostname}. It may take up to an hour until all of Google knows it.`,
    'Turn off the setting that adds the header X-Holdfast-Connector as well.',
    'SPF of your domains has to name include:_spf.google.com, or receivers will doubt what is sent so.',
    'Afterwards: turn both on again.',
  ],
  server: ({ hostname }) => [
    `Take ${hostname} out as the smarthost of this server and let it send to the MX of each domain. Postfix: postconf -e "relayhost =" and postfix reload; what is deferred goes with postqueue -f. Exchange Server: remove the smart host of the send connector and choose MX record delivery.`,
    'It needs to reach port 25 of the world, an address with a reverse name, and its address in the SPF record of your domains.',
    'Mail that waits in its queue is tried by itself; nothing has to be sent again.',
    `Afterwards: put ${hostname} back as smarthost.`,
  ],
  device: ({ hostname, senders }) => [
    `Devices have no queue: what they can’t hand in is lost to their user. Point them to another submission server that may send as ${namesOf(senders)}, in place of ${hostname}, or tell their users to wait.`,
    'A bypass on this side (holdfast bypass set) needs no change of a device, as long as this installation takes mail.',
  ],
  app: ({ hostname, senders }) => [
    `Set another submission server in the application’s mail settings in place of ${hostname}, with an account that may send as ${namesOf(senders)}. If it repeats what failed, it can also wait.`,
    'Afterwards: set it back.',
  ],
};

function namesOf(senders: readonly string[]): string {
  return senders.length === 0 ? 'its sender' : senders.slice(0, 3).join(', ');
}
