/** Thunderbird on a screen that nobody sees (Xvfb), in a private root: both know their places by heart. Its profile has one IMAP account. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../support/free-port.ts';
import { eventually } from '../../support/holdfast.ts';
import { findPeer, type Peer } from '../../support/peers.ts';
import { type Inside, type PrivateRoot, startInside, whyNotPrivate } from '../../support/private-root.ts';
import type { MailServer } from '../mail-server.ts';
import { Marionette } from './marionette.ts';

const START_MS = 120_000;

export interface Thunderbird extends AsyncDisposable {
  readonly version: string;
  /** Runs a script in it; see `Marionette.runs`. */
  runs<T>(body: string, ...args: readonly unknown[]): Promise<T>;
}

/** Starts one with an account at this server, or says why there is none. */
export async function startThunderbird(server: MailServer): Promise<Thunderbird | { missing: string }> {
  const peer = await findPeer('thunderbird');
  if ('missing' in peer) return peer;
  const reason = await whyNotPrivate();
  if (reason !== null) return { missing: `Thunderbird: ${reason}` };
  await using parts = new AsyncDisposableStack();
  const base = await mkdtemp(join(tmpdir(), 'holdfast-thunderbird-'));
  parts.defer(() => rm(base, { recursive: true, force: true }));
  const port = await freePort();
  writeProfile(join(base, 'tmp', 'profile'), server, port);
  const inside = parts.use(startInside(rootOf(peer, base), 'sh', ['-c', ON_A_SCREEN]));
  const remote = parts.use(await remoteOf(port, inside));
  const version = await remote.runs<string>('return Services.appinfo.version');
  const certificate = new X509Certificate(readFileSync(server.certificate)).raw.toString('base64');
  await remote.runs(AS_A_PERSON_DID, server.user, server.password, server.ports.imaps, certificate);
  const all = parts.move();
  return {
    version: `Thunderbird ${version}`,
    runs: (body, ...args) => remote.runs(body, ...args),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function remoteOf(port: number, inside: Inside): Promise<Marionette> {
  let remote: Marionette | null = null;
  await eventually(
    'Thunderbird can be steered',
    async () => {
      if (inside.ended()) throw new Error(`Thunderbird ended: ${inside.output()}`);
      remote = await Marionette.open(port).catch(() => null);
      return remote !== null;
    },
    START_MS,
  );
  assert.ok(remote !== null);
  return remote;
}

// The number of the display is one that is free.
const ON_A_SCREEN = `
cd /tmp
Xvfb -displayfd 9 -screen 0 1280x1024x24 -nolisten tcp 9>display &
until [ -s display ]; do sleep 0.1; done
export DISPLAY=:$(cat display)
exec /usr/lib/thunderbird/thunderbird --marionette --remote-allow-system-access --no-remote --profile /tmp/profile`;

function rootOf({ unpackedIn, env }: Peer, base: string): PrivateRoot {
  const { LD_LIBRARY_PATH: _found, ...surroundings } = env;
  return {
    base,
    users: [],
    empty: [],
    shown: [{ at: '/tmp', from: join(base, 'tmp') }],
    ...(unpackedIn === undefined ? {} : { over: unpackedIn }),
    libraries: ['/usr/lib/thunderbird'],
    env: { ...surroundings, HOME: '/tmp', TMPDIR: '/tmp', MOZ_CRASHREPORTER_DISABLE: '1', LIBGL_ALWAYS_SOFTWARE: '1' },
  };
}

/** Account and manners, as they stand in prefs.js. */
function writeProfile(folder: string, { ports, user }: MailServer, port: number): void {
  mkdirSync(folder, { recursive: true });
  const account = {
    'mail.accountmanager.accounts': 'account1,account2',
    'mail.accountmanager.defaultaccount': 'account1',
    'mail.accountmanager.localfoldersserver': 'server2',
    'mail.account.account1.server': 'server1',
    'mail.account.account1.identities': 'id1',
    'mail.identity.id1.useremail': user,
    'mail.identity.id1.fullName': 'Bob Baker',
    'mail.server.server1.type': 'imap',
    'mail.server.server1.hostname': 'localhost',
    'mail.server.server1.port': ports.imaps,
    'mail.server.server1.socketType': 3,
    'mail.server.server1.authMethod': 3,
    'mail.server.server1.userName': user,
    'mail.server.server1.name': user,
    'mail.server.server1.check_new_mail': false,
    'mail.server.server1.login_at_startup': false,
    'mail.account.account2.server': 'server2',
    'mail.server.server2.type': 'none',
    'mail.server.server2.hostname': 'Local Folders',
    'mail.server.server2.userName': 'nobody',
    'mail.server.server2.directory-rel': '[ProfD]Mail/Local Folders',
  };
  const lines = Object.entries({ ...account, ...QUIET, 'marionette.port': port }).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
  );
  writeFileSync(join(folder, 'user.js'), `${lines.join('\n')}\n`, { mode: 0o600 });
}

/** It asks nothing, fetches nothing, and speaks to nobody but the server. */
const QUIET = {
  'app.update.enabled': false,
  'app.donation.eoy.version.viewed': 999,
  'app.normandy.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.update.enabled': false,
  'extensions.getAddons.cache.enabled': false,
  'extensions.systemAddon.update.enabled': false,
  'mail.provider.suppress_dialog_on_startup': true,
  'mail.rights.version': 1,
  'mail.shell.checkDefaultClient': false,
  'mail.spotlight.firstRunDone': true,
  'mail.winsearch.firstRunDone': true,
  'mailnews.start_page.enabled': false,
  'mailnews.start_page_override.mstone': 'ignore',
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,',
  'toolkit.telemetry.enabled': false,
} as const;

/** The password was typed in, and the certificate looked at and taken for good, once. */
const AS_A_PERSON_DID = `
  const [user, password, port, certificate] = args;
  const login = Cc['@mozilla.org/login-manager/loginInfo;1'].createInstance(Ci.nsILoginInfo);
  login.init('imap://localhost', null, 'imap://localhost', user, password, '', '');
  await Services.logins.addLoginAsync(login);
  const certificates = Cc['@mozilla.org/security/x509certdb;1'].getService(Ci.nsIX509CertDB);
  const exceptions = Cc['@mozilla.org/security/certoverride;1'].getService(Ci.nsICertOverrideService);
  exceptions.rememberValidityOverride('localhost', port, {}, certificates.constructX509FromBase64(certificate), false);`;
