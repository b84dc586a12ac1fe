/** Mail programs of others that submit a mail as a device does: STARTTLS, sign-in, one message. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { createTransport } from 'nodemailer';
import { findPeer } from './peers.ts';

const start = promisify(execFile);
const DEADLINE_MS = 30_000;

/** What is submitted, and as whom. */
export interface Submission {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly from: string;
  readonly to: string;
  /** File with the whole message, lines ending with CR and LF. */
  readonly file: string;
}

export interface Client {
  readonly name: string;
  /** Resolves with what it heard: the last reply of the server is in it. */
  submit(submission: Submission): Promise<string>;
}

/** All that are here; what is missing is told by name. */
export async function mailClients(missing: (reason: string) => void): Promise<readonly Client[]> {
  const found: Client[] = [{ name: 'nodemailer', submit: byNodemailer }];
  const swaks = await findPeer('swaks');
  if ('missing' in swaks) missing(swaks.missing);
  else found.unshift({ name: 'swaks', submit: (mail) => run(swaks.path('swaks'), swaksWords(mail), swaks.env) });
  if (await says('curl', 'smtp')) found.push({ name: 'curl', submit: (mail) => run('curl', curlWords(mail)) });
  else missing('no curl with SMTP');
  if (await says('python3', 'Python 3')) found.push({ name: 'smtplib', submit: bySmtplib });
  else missing('no python3');
  return found;
}

function swaksWords({ port, user, password, from, to, file }: Submission): string[] {
  const where = ['--server', '127.0.0.1', '--port', String(port), '--tls'];
  const who = ['--auth', 'PLAIN', '--auth-user', user, '--auth-password', password];
  return [...where, ...who, '--from', from, '--to', to, '--data', `@${file}`];
}

function curlWords({ port, user, password, from, to, file }: Submission): string[] {
  const envelope = ['--mail-from', from, '--mail-rcpt', to, '--upload-file', file];
  return ['-sSv', '--ssl-reqd', '-k', '--user', `${user}:${password}`, `smtp://127.0.0.1:${port}`, ...envelope];
}

async function byNodemailer({ port, user, password, from, to, file }: Submission): Promise<string> {
  const tls = { rejectUnauthorized: false };
  const auth = { user, pass: password };
  const transport = createTransport({ host: '127.0.0.1', port, secure: false, requireTLS: true, auth, tls });
  const sent = await transport.sendMail({ envelope: { from, to: [to] }, raw: await readFile(file) });
  transport.close();
  return sent.response;
}

const SMTPLIB = `
import smtplib, ssl, sys
port, user, password, sender, to, file = sys.argv[1:]
server = smtplib.SMTP("127.0.0.1", int(port), timeout=20)
server.starttls(context=ssl._create_unverified_context())
server.login(user, password)
server.mail(sender)
server.rcpt(to)
code, answer = server.data(open(file, "rb").read())
print(code, answer.decode())
server.quit()
`;

function bySmtplib({ port, user, password, from, to, file }: Submission): Promise<string> {
  return run('python3', ['-c', SMTPLIB, String(port), user, password, from, to, file]);
}

async function run(program: string, words: readonly string[], env = process.env): Promise<string> {
  const { stdout, stderr } = await start(program, [...words], { env, timeout: DEADLINE_MS });
  return stdout + stderr;
}

async function says(program: string, word: string): Promise<boolean> {
  try {
    return (await run(program, ['--version'])).includes(word);
  } catch {
    return false;
  }
}
