/**
 * The events of the log, each with the sentence that a person at a terminal reads: what happened, and what follows from it. Dotted
 * words: who, then what. A test finds events in the sources that have no sentence here.
 */
export const EVENTS = {
  'auth.renewal-failed':
    'A password was right, but its stored form could not be renewed; it is tried at the next sign-in.',
  'auth.renewed': 'A stored password was renewed at its first sign-in.',
  'auth.usage-unsaved': 'Counts of sending limits could not be saved; they are tried again in some seconds.',
  'books.unbalanced': 'The books of a tenant do not balance; run holdfast audit.',
  'campaign.not-told': 'Contacts of a tenant could not be told of a campaign now; it is tried again in some seconds.',
  'campaign.failed':
    'A redelivery campaign could not be moved on; it is tried again in a moment, and nothing of it is lost or done twice.',
  'cell.away':
    'A cell is away: mail of its tenants is told to come again, and waits. The tenants of the others notice nothing.',
  'cell.back': 'A cell is back; mail of its tenants flows.',
  'cell.given-up': 'What runs on a cell can’t go on and begins anew from its store; mail that was accepted is safe.',
  'clock.not_noted': 'The time of the last janitor run could not be noted.',
  'clock.steady': 'The clock is steady again; expiry and purge go on.',
  'clock.suspended':
    'The clock can’t be trusted; nothing expires and nothing is purged until it is steady or confirmed.',
  'directory.fresh': 'The directory is up to date again.',
  'directory.refused': 'A new directory is broken; the last good one goes on serving.',
  'directory.stale': 'The directory may be out of date; unknown recipients are told to come again.',
  'directory.switched': 'A new directory is in use.',
  'directory.unreachable': 'The directory could not be read; the last good one goes on serving.',
  'download.failed': 'A download broke off on our side; what was not sent does not count, and it can be fetched again.',
  'download.no-room':
    'The files of a mail could not become downloads, since its tenant has no room for more; the mail is held, and says so.',
  'download.not-kept': 'The files of a mail could not be kept as downloads; the mail waits, and is inspected again.',
  'download.look-failed': 'What became of a link to a download could not be looked up; it is looked up again.',
  'download.unnoted': 'What somebody did with a download could not be noted; the access log of that file lacks a line.',
  'download.upkeep-failed': 'The upkeep of downloads failed; it is done again in a while.',
  'gate.closed': 'The gate is closed.',
  'gate.commit-late': 'A mail was not stored in time; its sender was told to try again.',
  'gate.fault': 'A session ended by a failure of ours; its sender tries again.',
  'gate.not-accepted': 'A mail could not be stored; its sender was told to try again.',
  'gate.open': 'The gate is open.',
  'gate.proxy-malformed': 'A trusted proxy sent no readable PROXY header; the connection was closed.',
  'held.overdue-failed':
    'Mail that waits for a person for too long could not be counted or told of; it is tried again in a minute.',
  'held.not-noted':
    'What a person decided about held mail was done, but does not stand in their history, since it could not be noted.',
  'imap.closed': 'IMAP is closed.',
  'imap.fault': 'A command of a mail client failed on our side; the client was told so.',
  'imap.open': 'IMAP is open.',
  'imap.proxy-malformed': 'A trusted proxy sent no readable PROXY header; the connection was closed.',
  'incident.drafted': 'A rule has drafted an incident; publish or drop it (holdfast incident list --open).',
  'incident.not-told': 'A contact could not be told of an incident now; it is tried again in some minutes.',
  'incident.told-directly': 'A letter about an incident was taken by the smarthost of status.notices, past the queue.',
  'incident.way-failed': 'The smarthost of status.notices did not take a letter; it goes by the queue.',
  'incident.update-overdue':
    'An update of an incident was promised and has not come; the incident shows it as overdue.',
  'incident.upkeep-failed': 'The upkeep of incidents and planned work failed; it is done again in a while.',
  'inspect.alone': 'A mail is inspected alone, because a worker was lost while it inspected it among others.',
  'inspect.check-back': 'A server that is asked about mail answers again.',
  'inspect.check-down':
    'A server that is asked about mail does not answer; what its absence does is said by `checks` and by the rules that ask it.',
  'inspect.check-failed':
    'A check failed on a mail, or had no time left for it; what it looks for counts as found, since nobody could read it.',
  'inspect.check-unmade':
    'A milter asked for changes of a mail (`what`), which are not made: those of header fields are left out, others count as found.',
  'inspect.check-unread':
    'A server that is asked about mail is there, but could not deal with one; for rules it counts as if something had been found.',
  'inspect.claim-failed': 'Mail for inspection could not be asked for; it is asked for again.',
  'inspect.memory-away':
    'What policy remembers (`what`) can’t be looked up; mail that rules ask about it is decided by their absence policy.',
  'inspect.memory-back': 'What policy remembers (`what`) can be looked up again.',
  'inspect.not-archived':
    'The archive copy that a rule asks for could not be made; its mail waits and is inspected again.',
  'inspect.past-upkeep-failed':
    'What is kept of past mail for dry runs of rules could not be looked after; it is done again in a while.',
  'inspect.set-aside':
    'A mail could not be inspected and is held (holdfast queue list reason:set-aside); when it is released it is inspected again.',
  'inspect.set-aside-unknown': 'Whether mail was set aside could not be looked up; it is looked up at the next start.',
  'inspect.unfit':
    'A worker of inspection gave a wrong answer to a test mail, or none; it is replaced, and what it worked on is inspected again.',
  'inspect.unkept':
    'What was found out about mail could not be kept for dry runs of rules; a dry run says how much it lacks. Mail goes its way.',
  'inspect.unforgotten': 'Who has written to whom could not be forgotten in time; it is tried again.',
  'inspect.unlearnt':
    'Who has written to whom could not be written down; it is tried again, and until then who was written to may count as new.',
  'inspect.unread': 'The content of a mail could not be read for inspection now; it is tried again.',
  'janitor.failed': 'A round of periodic work failed; the next one comes by itself.',
  'log.dropped': 'Lines of this log were dropped, because nobody read them in time.',
  'maintenance.turned': 'Planned work has begun or ended, at its time.',
  'outbound.crossing-failed': 'Mail could not be handed to another tenant’s door; it is tried again.',
  'outbound.no-password':
    'A mail left with an encrypted ZIP, and the mail with its password could not be made; have it sent again in another form.',
  'outbound.not-copied':
    'A copy that a rule asks for could not be made after its mail had left: read the trace, and send it by hand.',
  'people.load-failed': 'A set of people broke off or could not be read; the last whole generation goes on serving.',
  'people.not-pushed': 'What a program pushed of people could not be kept now; it was told to come again.',
  'people.refused':
    'A set of people was refused, since too much is missing in it; the last generation goes on serving (holdfast directory status).',
  'people.switched': 'Another generation of people serves a tenant.',
  'people.upkeep-failed': 'Old generations of people could not be taken away; it is tried again in a minute.',
  'status.upstream-changed':
    'How a provider takes our mail has changed; an incident is drafted where there is none, and mail waits and goes on by itself.',
  'upstream.not-told':
    'What delivery knows of other servers could not be told to the status history; it is tried again in some seconds.',
  'web.failed': 'A request failed for a reason that is ours; its sender was told so.',
  'mailbox.delivery-failed': 'A mail could not be put into a mailbox; it is tried again by itself.',
  'mailbox.forward-ended':
    'A mail was kept instead of forwarded: it had been here, had come too far, or would have gone to a group again.',
  'mailbox.room-unknown':
    'Whether a full mailbox has room again could not be looked up; it is tried again in a few seconds.',
  'mailbox.keys-kept':
    'Keys of deliveries that have ended could not be looked through; it is done again in some hours.',
  'mailbox.writes-down':
    'Writes into mailboxes fail again and again: they are refused at once, and one looks whether it works again.',
  'mailbox.writes-back': 'Writes into mailboxes work again.',
  'mailbox.purge-failed': 'A step of the purge failed; it is tried again in a few seconds.',
  'mailbox.rules-failed': 'The rules of an account could not be applied to a mail; it was delivered as without rules.',
  'mailbox.rules-unread':
    'The rules of an account can’t be understood by this release; its mail is delivered as without rules.',
  'mailbox.warning-failed': 'The mail that warns of a nearly full mailbox could not be written.',
  'outbound.content-lost':
    'The content of a mail is missing or damaged; it is held. Restore it from a backup, then release it.',
  'outbound.content-unread': 'The content of a mail could not be read now; it is tried again.',
  'outbound.down': 'A destination is down; its mail waits.',
  'outbound.failed': 'An attempt failed inside; its mail is tried again.',
  'outbound.forward-failed': 'A forward or an answer could not be made; the delivery it comes from is tried again.',
  'outbound.not-signed-yet': 'The signature of a mail could not be made; the mail waits up to 15 minutes for it.',
  'outbound.signatures-unread': 'The signatures of a tenant can’t be read by this release; its mail leaves without.',
  'outbound.unsigned': 'The signature of a mail could not be made for 15 minutes; it leaves without.',
  'outbound.notice_failed': 'A report to a sender could not be made; the outcome is recorded without it.',
  'pop3.closed': 'POP3 is closed.',
  'pop3.cut-short':
    'The rest of a message could not be read; its connection was closed, so that nobody takes it for whole.',
  'pop3.fault': 'A POP3 session ended by a failure of ours; its client comes again.',
  'pop3.maildrop-unread': 'A maildrop could not be read; its user was told to try again.',
  'pop3.message-unread': 'A message could not be read; its user was told so.',
  'pop3.not-deleted': 'Messages that a POP3 client deleted could not be deleted; it was told that they remain.',
  'pop3.open': 'POP3 is open.',
  'pop3.proxy-malformed': 'A trusted proxy sent no readable PROXY header; the connection was closed.',
  'queue.attention_failed': 'A delay notice or an expiry failed; it is tried again.',
  'queue.commit_never_came':
    'A mail whose acceptance was not answered in time was never stored; its sender sends it again.',
  'queue.deliverer_threw': 'A deliverer failed inside; its mail is tried again.',
  'queue.destination_closed': 'A destination is closed as a whole; a probe opens it again.',
  'queue.destination_opened': 'A destination is open again; its mail drains.',
  'queue.disk_back': 'There is disk space again; mail is accepted.',
  'queue.disk_low': 'Free disk space is down to its reserve; no mail is accepted until there is more.',
  'queue.disk_unmeasured': 'Free disk space could not be measured.',
  'queue.forward_given_up':
    'A mail was delivered, but a forward or an answer of it could not be made in the time allowed.',
  'queue.heartbeat_failed': 'The heartbeat could not be stored; attempts stop when it stays so.',
  'queue.look_failed': 'The queue could not be looked at; the next look comes by itself.',
  'queue.notice_failed': 'A report to a sender could not be made; the outcome is recorded without it.',
  'queue.orphan': 'A row was found that nothing would have moved.',
  'queue.probe_failed': 'A probe of a closed destination failed inside; the next one comes by itself.',
  'queue.refill_failed': 'Waiting mail could not be claimed; it is tried again.',
  'queue.retire_failed': 'This worker could not be signed off; another one frees its claims.',
  'queue.settle_failed': 'An outcome could not be stored.',
  'queue.settle_repeated': 'An outcome was not stored in time; it is stored again.',
  'queue.withdraw_failed': 'A mail that was stored too late could not be withdrawn yet; it is tried again.',
  'queue.withdrawn': 'A mail that was stored too late was withdrawn; its sender sends it again.',
  'queue.withdrawn_too_late': 'A mail that was stored too late is on its way already; it may arrive twice.',
  'queue.worker_declared_dead': 'A worker is dead; its mail was freed and is due again.',
  'role.draining': 'This process takes nothing new and finishes what it has.',
  'role.fatal': 'This process can’t go on and ends; mail that was accepted is safe.',
  'role.leaving': 'This process ends.',
  'role.waiting': 'This process waits for a store that another one holds, or that is away; it goes on by itself.',
  'status.acknowledged': 'An operator has seen the page; nobody else is called.',
  'status.changed': 'A component changed its state on the status page.',
  'status.history-away':
    'The history of the status could not be written; it is kept in memory and written when the store is back.',
  'status.history-back': 'The history of the status is written again.',
  'status.look-failed': 'A look at the installation failed inside; the next one comes by itself.',
  'status.page':
    'A component is out: the operator is told by `page`, until somebody acknowledges (holdfast status ack).',
  'status.page-failed': 'An operator could not be told; it is tried again, and the second contact is told too.',
  'status.page-over': 'All components work again.',
  'status.probe-failed': 'A test mail did not get through this step; a second one decides.',
  'status.publish-failed': 'The status pages could not be written out; it is tried again.',
  'steward.pool-grown': 'One more process inspects mail, because mail had to wait.',
  'steward.pool-shrunk': 'One process less inspects mail; it ends when it has done what it began.',
  'steward.worker-unfit': 'A process that inspects gave a wrong answer to a test mail, or none; it is replaced.',
  'steward.child-died': 'A process ended by itself and is started again.',
  'steward.child-killed': 'A process did not end in time and was killed.',
  'steward.child-slow': 'The event loop of a process is held up; it answers, and goes on.',
  'steward.child-started': 'A process was started.',
  'steward.child-steady': 'The event loop of a process is free again.',
  'steward.child-stuck': 'A process is alive but stuck; it is ended and started again. Mail that was accepted is safe.',
  'steward.settings-not-in-use':
    'A process could not begin anew with the new settings; where its successor did not start, the old one goes on.',
  'steward.settings-refused': 'The new settings have mistakes; the old ones stay in use.',
  'steward.settings-reloaded': 'New settings are in use.',
  'steward.stopping': 'Holdfast ends.',
  'steward.successor-failed': 'The successor of a process did not come to stand; the old one goes on.',
  'store.blobs-back': 'The blob store answers again; large mail flows.',
  'store.blobs-down':
    'The blob store does not answer; large mail waits, and its senders are told to try again. Small mail flows on.',
  'store.blobs-purged': 'Content that no mail needs any more was removed.',
  'store.claim.kept': 'A claim that came too late could not be given back yet; it is tried again.',
  'store.condemn.failed': 'Content that no mail needs any more could not be marked; a later purge finds it.',
  'store.failed': 'The store failed; this process ends and starts again from what the disk has. Check the disk.',
  'store.index.late': 'The indexes of trace could not be filled; they are tried again.',
  'store.log.damaged':
    'A part of the log that had been safe on the disk can’t be read any more. Where its words are whole only content is lost, and its mail is held; else mail that came at that time may be missing. Check the disk, and compare with a backup.',
  'store.log.refused':
    'Requests of the log failed when they were carried out again at the start; they may have failed at first too, and were answered so.',
  'store.tail.lost':
    'The database came back without the last of what it had said is safe: its standby was behind when it took over. Mail of the last moments before may be missing; a synchronous standby prevents it.',
  'store.upkeep.failed':
    'Routine work on the database failed (tomorrow’s tables, lines of the books); it is tried again in some seconds.',
  'store.restored':
    'This store is a copy of an earlier time: all mail that waited is held. "holdfast queue list reason:restored" shows it, "holdfast queue release reason:restored" lets it go on.',
  'store.purge-failed': 'Content could not be purged; it is tried again.',
  'telemetry.away': 'The collector of traces can’t be told; it is tried again, and no mail waits for it.',
  'telemetry.back': 'The collector of traces is told again.',
  'telemetry.left-out': 'The collector of traces was away for too long; what happened in this time is not told to it.',
  'telemetry.refused': 'The collector of traces refused some spans; they are not told again.',
  'telemetry.too-many': 'More messages went through than a collector is told of at once; lower telemetry.sample.',
  'tls.refused': 'The new certificate can’t be used; the last good one goes on serving.',
  'tls.renewed': 'A new certificate is in use.',
} as const satisfies Readonly<Record<string, string>>;

export type EventName = keyof typeof EVENTS;

/** The sentence of an event; null where the table does not have it. */
export function sentenceOf(event: string): string | null {
  return Object.hasOwn(EVENTS, event) ? EVENTS[event as EventName] : null;
}
