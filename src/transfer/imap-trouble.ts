/** Failures of another IMAP server, in words. */
import { SourceTrouble } from './source.ts';

interface ImapError {
  readonly message?: unknown;
  readonly code?: unknown;
  readonly responseStatus?: unknown;
  readonly responseText?: unknown;
  readonly authenticationFailed?: unknown;
}

/** Whether the server said no to one command, and the connection stands. */
export function isRefusal(error: unknown): boolean {
  const { responseStatus } = (error ?? {}) as ImapError;
  return responseStatus === 'NO' || responseStatus === 'BAD';
}

/** What a failure of the client means to who waits for the mail; never what it signed in with. */
export function troubleOf(error: unknown, host: string): SourceTrouble {
  if (error instanceof SourceTrouble) return error;
  const { authenticationFailed, code } = (error ?? {}) as ImapError;
  if (authenticationFailed === true)
    return new SourceTrouble(`${host} does not accept the user and password: ${wordsOf(error)}.`, false);
  if (typeof code === 'string' && /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME|TLS|SSL/.test(code))
    return new SourceTrouble(
      `The certificate of ${host} is not trusted (${wordsOf(error)}). Name the right host, or give its certificate with --trust FILE.`,
      false,
    );
  return new SourceTrouble(`${host} can't be read: ${wordsOf(error)}.`, !isRefusal(error));
}

/** One bounded line without controls: it comes from another server. */
export function wordsOf(error: unknown): string {
  const { responseText, message } = (error ?? {}) as ImapError;
  const words = typeof responseText === 'string' && responseText !== '' ? responseText : message;
  return (typeof words === 'string' ? words : 'no reason given')
    .replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .slice(0, 200)
    .replace(/\.$/, '');
}
