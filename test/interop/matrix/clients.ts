/** Mail programs of others as clients of the submission port: STARTTLS, sign-in, one mail. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { createTransport } from 'nodemailer';
import { findPeer } from '../../support/peers.ts';

/** What is submitted. */
export interface Errand {
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly mechanism: 'PLAIN' | 'LOGIN';
  /** Null is the null reverse-path. */
  readonly from: string | null;
  readonly to: readonly string[];
  /** File with the whole message, as it is. */
  readonly file: string;
  readonly utf8?: boolean;
  /** The envelope id of a mail that wants its header section back only, and reports of success and failure. */
  readonly envid?: string;
}

/** What it can't be told to do. */
export type Lack = 'utf8' | 'dsn' | 'nullSender';

export interface Client {
  readonly name: string;
  readonly version: string;
  readonly lacks: readonly Lack[];
  /** Resolves when the mail was taken; rejects with all that it said. */
  submit(errand: Errand): Promise<void>;
}

const DEADLINE_MS = 60_000;
const OUTPUT_MAX = 64 << 20;
const start = promisify(execFile);

/** All that are here; a missing one is its name and the reason. */
export async function findClients(): Promise<readonly (Client | { name: string; missing: string })[]> {
  return Promise.all([nodemailer(), swaks(), curl(), smtplib()]);
}

async function nodemailer(): Promise<Client> {
  const { version } = JSON.parse(
    await readFile(new URL('../../../node_modules/nodemailer/package.json', import.meta.url), 'utf8'),
  ) as { version: string };
  return { name: 'nodemailer', version: `nodemailer ${version}`, lacks: [], submit: byNodemailer };
}

async function byNodemailer(errand: Errand): Promise<void> {
  const transport = createTransport({
    host: '127.0.0.1',
    port: errand.port,
    requireTLS: true,
    authMethod: errand.mechanism,
    auth: { user: errand.username, pass: errand.password },
    tls: { rejectUnauthorized: false },
  });
  try {
    await transport.sendMail({
      envelope: { from: errand.from ?? false, to: [...errand.to] },
      raw: await readFile(errand.file),
      ...(errand.envid === undefined ? {} : { dsn: reports(errand.envid) }),
    });
  } finally {
    transport.close();
  }
}

function reports(id: string): { id: string; return: 'headers'; notify: ('success' | 'failure')[] } {
  return { id, return: 'headers', notify: ['success', 'failure'] };
}

async function swaks(): Promise<Client | { name: string; missing: string }> {
  const peer = await findPeer('swaks');
  if ('missing' in peer) return { name: 'swaks', missing: peer.missing };
  const program = peer.path('swaks');
  const version = `swaks ${await firstNumber(program, ['--version'], peer.env)}`;
  const submit = ({ port, username, password, mechanism, from, to, file }: Errand): Promise<void> =>
    run(
      program,
      [
        ...['--server', '127.0.0.1', '--port', String(port), '--tls', '--timeout', '50'],
        ...['--auth', mechanism, '--auth-user', username, '--auth-password', password],
        ...['--from', from ?? '<>', '--to', to.join(','), '--data', `@${file}`],
      ],
      peer.env,
    );
  return { name: 'swaks', version, lacks: ['utf8', 'dsn'], submit };
}

async function curl(): Promise<Client | { name: string; missing: string }> {
  const peer = await findPeer('curl');
  if ('missing' in peer) return { name: 'curl', missing: peer.missing };
  const program = peer.path('curl');
  const { stdout } = await start(program, ['--version'], { env: peer.env });
  if (!/^Protocols:.* smtp/m.test(stdout)) return { name: 'curl', missing: 'this curl knows no SMTP' };
  const submit = ({ port, username, password, mechanism, from, to, file }: Errand): Promise<void> =>
    run(
      program,
      [
        ...['-sSv', '--ssl-reqd', '-k', '--user', `${username}:${password}`, '--login-options', `AUTH=${mechanism}`],
        ...[`smtp://127.0.0.1:${port}`, '--mail-from', from ?? '', '--upload-file', file],
        ...to.flatMap((address) => ['--mail-rcpt', address]),
      ],
      { ...peer.env, LC_ALL: 'C.UTF-8' },
    );
  return { name: 'curl', version: stdout.split(' ').slice(0, 2).join(' '), lacks: ['dsn'], submit };
}

const SMTPLIB = `
import smtplib, ssl, sys
port, user, password, mechanism, sender, file, utf8, envid = sys.argv[1:9]
server = smtplib.SMTP("127.0.0.1", int(port), timeout=50)
server.starttls(context=ssl._create_unverified_context())
server.ehlo()
server.user, server.password = user, password
server.auth(mechanism, server.auth_plain if mechanism == "PLAIN" else server.auth_login)
mail = ["BODY=8BITMIME", "SMTPUTF8"] if utf8 else []
mail += ["RET=HDRS", "ENVID=" + envid] if envid else []
rcpt = ["NOTIFY=SUCCESS,FAILURE"] if envid else []
refused = server.sendmail(sender, sys.argv[9:], open(file, "rb").read(), mail, rcpt)
server.quit()
assert not refused, refused
`;

async function smtplib(): Promise<Client | { name: string; missing: string }> {
  try {
    const version = `Python ${await firstNumber('python3', ['--version'], process.env)} smtplib`;
    return { name: 'smtplib', version, lacks: [], submit: bySmtplib };
  } catch {
    return { name: 'smtplib', missing: 'python3 is not installed' };
  }
}

function bySmtplib({ port, username, password, mechanism, from, to, file, utf8, envid }: Errand): Promise<void> {
  const words = [String(port), username, password, mechanism, from ?? '', file, utf8 === true ? '1' : '', envid ?? ''];
  return run('python3', ['-c', SMTPLIB, ...words, ...to], process.env);
}

async function run(program: string, words: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  await start(program, [...words], { env, timeout: DEADLINE_MS, maxBuffer: OUTPUT_MAX });
}

async function firstNumber(program: string, words: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await start(program, [...words], { env, timeout: DEADLINE_MS });
  return /\d[\w.]*/.exec(stdout)?.[0] ?? 'of unknown version';
}
