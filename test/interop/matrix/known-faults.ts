/** Faults and manners of peers that are worth knowing, as the trials met them. Each `no` of the matrix has its reason here. */
import type { CellName, Direction } from './cells.ts';

export interface KnownFault {
  /** Whose it is, with the version that was seen. */
  readonly whose: string;
  /** Cells that it turns into a `no`: `peer direction cell`. */
  readonly spoils: readonly `${string} ${Direction} ${CellName}`[];
  readonly what: string;
  readonly remedy: string;
}

export const KNOWN_FAULTS: readonly KnownFault[] = [
  {
    whose: 'Postfix 3.7',
    spoils: ['postfix mx longLine', 'postfix submission longLine'],
    what: 'breaks lines of more than 998 octets when it sends: it puts CRLF and a blank into them, which breaks DKIM signatures.',
    remedy:
      'Mail that passes a Postfix before Holdfast should be sent base64 or quoted-printable; `smtp_line_length_limit = 0` in its main.cf turns it off.',
  },
  {
    whose: 'Exim 4.96',
    spoils: ['exim mx longLine', 'exim submission longLine'],
    what: 'gives up mail with lines of more than 998 octets instead of sending it, though it takes such mail.',
    remedy: '`message_linelength_limit` in its smtp transport.',
  },
  {
    whose: 'OpenSMTPD 6.8.0p2 of Debian 12',
    spoils: ['opensmtpd out startTls', 'opensmtpd out authPlain'],
    what: 'offers STARTTLS and fails in the handshake with every client ("missing private key"): this release does not go with OpenSSL 3 (OpenSMTPD issue 1171). It has sign-in only inside TLS, so that is lost too. As a client it speaks TLS well.',
    remedy:
      'A newer OpenSMTPD. With `tls: opportunistic` Holdfast goes on in clear; with `require` the mail waits and its sender is told.',
  },
  {
    whose: 'OpenSMTPD 6.8.0p2',
    spoils: ['opensmtpd mx size', 'opensmtpd submission size'],
    what: 'knows our size limit and gives up a larger mail at once, but its report holds the whole mail, is too large as well, and is dropped: the sender hears nothing.',
    remedy: 'Set its `smtp max-message-size` no higher than the `limits.messageBytes` of Holdfast.',
  },
  {
    whose: 'Postfix 3.7',
    spoils: [],
    what: 'writes an internationalised recipient into ORCPT as `rfc822;` and octets of UTF-8 in xtext, where RFC 6533 has the type `utf-8`; it does so with every such mail.',
    remedy: 'None needed: Holdfast reads it, and passes it on as `utf-8`.',
  },
  {
    whose: 'Exim 4.96',
    spoils: [],
    what: 'sends QUIT behind the final dot and may close its side of the connection before it has our answer. A server or proxy that hangs up on that makes it send the mail again.',
    remedy: 'None needed with Holdfast. A TCP proxy between the two must know half-closed connections.',
  },
  {
    whose: 'Postfix 3.7, Exim 4.96',
    spoils: [],
    what: 'take a NUL in the content and pass it on; Holdfast refuses such a mail. Unless it was sent with RET=HDRS, their report holds the NUL again, is refused too, and the sender hears nothing.',
    remedy: '`message_strip_characters = \\0` in the main.cf of Postfix.',
  },
  {
    whose: 'OpenSMTPD 6.8.0p2',
    spoils: [],
    what: 'offers neither PIPELINING nor SMTPUTF8. Internationalised mail for it ends with a report to its sender (5.6.7).',
    remedy: 'A newer OpenSMTPD, or addresses in ASCII.',
  },
  {
    whose: 'OpenSMTPD 6.8.0p2',
    spoils: [],
    what: 'now and then ends as a whole (`tree_get`) when `smtpctl schedule all` meets a report in the making.',
    remedy: 'Schedule single envelopes. Mail that it had taken and was delivering into a maildir may be cut short.',
  },
  {
    whose: 'swaks 20201014',
    spoils: [],
    what: 'puts an empty line behind the content of `--data @file`.',
    remedy: 'None needed.',
  },
];

/** Whether a `no` has its reason. */
export function isKnown(peer: string, direction: Direction, cell: CellName): boolean {
  return KNOWN_FAULTS.some(({ spoils }) => spoils.includes(`${peer} ${direction} ${cell}`));
}
