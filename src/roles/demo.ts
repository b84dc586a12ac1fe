/** A first run with `--demo`: a tenant to play with, its passwords shown once, and a line that sends the first mail. */
import { makeSecretKeeper } from '#/auth/index.ts';
import { applyResources, type Demo, demoResources, type Settings } from '#/config/index.ts';
import { within } from '#/model/index.ts';
import type { Clock, Log } from '#/ports/index.ts';
import { newIncarnation } from './incarnation.ts';
import { ruleContextOf } from './settings.ts';
import { openStores } from './stores.ts';

const APPLY_MS = 30_000;

/** Makes the demo tenant where there are no resources yet; null where there are, and where there are cells. */
export async function makeDemo(
  settings: Settings,
  parts: { readonly clock: Clock; readonly log: Log },
): Promise<Demo | null> {
  // In which of several stores a demo would be is not ours to choose.
  if (settings.cells !== null) return null;
  const incarnation = newIncarnation('demo', parts.clock.now());
  await using stores = await openStores(settings, { ...parts, incarnation, onFatal: () => {} });
  const { version } = await stores.registry.load(within(APPLY_MS));
  if (version > 0) return null;
  const demo = demoResources();
  await applyResources(
    { ...demo.prepared, dryRun: false, prune: [], setPasswords: false, by: 'demo' },
    {
      registry: stores.registry,
      clock: parts.clock,
      secrets: makeSecretKeeper({ scram: settings.auth.scram }),
      rules: ruleContextOf(settings),
      switched: async () => {},
    },
    within(APPLY_MS),
  );
  return demo;
}

/** What a person reads after the first start. */
export function describeDemo(demo: Demo, submission: string): string {
  const width = Math.max(...demo.credentials.map(({ username }) => username.length));
  const people = demo.credentials.map(({ username, password }) => `    ${username.padEnd(width)}  ${password}`);
  const device = demo.credentials.at(-1);
  return [
    `A demo tenant was made for ${demo.domain}. Its passwords are shown this once:`,
    ...people,
    '',
    'Send your first mail as the scanner:',
    `    swaks --server ${submission} --tls --auth PLAIN --auth-user ${device?.username} --auth-password '${device?.password}' \\`,
    `      --from ${device?.sender} --to somebody@example.com --header 'Subject: Hello from the scanner'`,
    `    npx holdfast trace ${device?.sender}`,
  ].join('\n');
}

/** Where it can be reached. */
export function describeEndpoints(
  bound: readonly { readonly kind: string; readonly text: string }[],
  admin: readonly string[],
): string {
  const what: Readonly<Record<string, string>> = {
    smtp: 'MX and relay',
    submission: 'people and devices: STARTTLS, sign-in',
    submissions: 'people and devices: TLS, sign-in',
    legacy: 'old devices of own networks',
    lmtp: 'LMTP',
    imap: 'mail programs: IMAP with STARTTLS',
    imaps: 'mail programs: IMAP with TLS',
    pop3: 'mail programs: POP3 with STLS',
    pop3s: 'mail programs: POP3 with TLS',
  };
  const lines = bound.map(({ kind, text }) =>
    `    ${kind.padEnd(12)} ${text.padEnd(22)} ${what[kind] ?? ''}`.trimEnd(),
  );
  return [...lines, ...admin.map((at) => `    ${'admin'.padEnd(12)} http://${at}/readyz`)].join('\n');
}
