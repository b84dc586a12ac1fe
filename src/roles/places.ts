/** Names in the data directory. */

/** Where the command line and the other processes of this host meet the one that serves operations. */
export const CUSTODY_SOCKET = 'holdfast.sock';
export const STEWARD_SOCKET = 'steward.sock';
/** The method of the steward that says how the installation does. */
export const STATUS_VIEW = 'status.view';
/** Methods that lend a credential for one sign-in of test mail: to hand it in, and to read it. */
export const TEST_SENDER_LOAN = 'probe.sender';
export const TEST_READER = 'probe.reader';

/** Where mail is delivered into mailboxes, and accounts are administered: served by whoever owns them. */
export const MAILBOXES_SOCKET = 'mailboxes.sock';

/** Who runs here: one file a process, for its successor to read. */
export const WORKERS_FOLDER = 'workers';

/** Where a process answers for itself: `janitor.sock`. A successor that starts beside it has the other of two. */
export function healthSocket(process: string, slot: number): string {
  return slot === 0 ? `${process}.sock` : `${process}.next.sock`;
}
