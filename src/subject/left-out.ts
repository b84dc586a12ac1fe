/** What an export does not give, and why: said in each, so that nobody takes it for all that there is. */

export interface LeftOut {
  readonly what: string;
  readonly why: string;
}

export const LEFT_OUT: readonly LeftOut[] = [
  {
    what: 'messages of their mailbox',
    why: 'Nobody reads them without a reason that is written down: "holdfast mailbox export ADDRESS PATH" writes them as mailbox files.',
  },
  {
    what: 'content of mail in custody',
    why: 'It is sealed, belongs to all recipients of the mail, and goes when the last of them has ended. "holdfast trace ID --read-body REASON" opens one.',
  },
  {
    what: 'mail to an address of theirs with a detail (name+detail@…) alone',
    why: 'Mail is found by whole addresses: ask once more for each such address.',
  },
  {
    what: 'who has written to whom',
    why: 'Rules about first mails know pairs of keyed hashes and a day; no address stands there, and none can be read from it.',
  },
  {
    what: 'sign-outs',
    why: 'A session that was ended is a random number for as long as its cookie would be good; it names nobody.',
  },
  {
    what: 'the event log, metrics and the status page',
    why: 'No address is written there.',
  },
  {
    what: 'backups',
    why: 'They hold what the installation held when they were made, and go with their own retention.',
  },
];

/** Of the whole installation: an administrator of one tenant may not read them. */
export const LEFT_OUT_FOR_TENANTS: readonly LeftOut[] = [
  {
    what: 'the audit log, changes of resources, subscriptions, letters, incidents and campaigns',
    why: 'They are kept for all tenants of the installation together: ask whoever runs this server for an export by the operator.',
  },
];
