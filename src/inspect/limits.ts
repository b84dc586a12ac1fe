/** Bounds of inspection, each with its reason. */
export interface InspectLimits {
  /** Mails inspected at once by one worker: enough to wait for several slow checks, few enough that a loss makes few mails suspect. */
  readonly mailsAtOnce: number;
  /** Mails in the slow lane of one worker: they mostly wait for others, and each is held in memory and suspect when the worker is lost. */
  readonly slowAtOnce: number;
  /** Of these, mails of one tenant, and mails that wait for one server beside ours: some are left to whoever else is slow. */
  readonly slowShare: number;
  /** Mails of one tenant that are taken into the slow lane before the others have their turn. */
  readonly slowTurn: number;
  /** In the fast lane; then a mail is slow. Most mail takes some ms, and other mail waits no longer than this behind a server that has become slow. */
  readonly slowAfterMs: number;
  /** From one look for mail that waits in the store's slow lane to the next. */
  readonly slowLookMs: number;
  /** Recipients asked of the store in one claim. */
  readonly claimRecipients: number;
  /** One mail, from its content to its verdict. Each check has less; what is over this is set aside for a person to see. */
  readonly mailMs: number;
  /** Reading the content of one mail, up to the largest that is accepted. */
  readonly readMs: number;
  /** A probe is a small mail whose verdict is known: a worker that has not answered it by then is not to be trusted with others. */
  readonly probeMs: number;
  /** Before a mail is inspected again that could not be, for want of a store or of a check. */
  readonly againMs: number;
  /** The same, for want of its rules: they are a few seconds away, or the registry is. */
  readonly rulesAgainMs: number;
  /** From one look for mail that must be inspected alone to the next, in a worker that has nothing under way: a look costs a commit, and mail that comes meanwhile waits for it. */
  readonly idleAloneMs: number;
  /** The same while there is other mail all the time, which then has to wait until nothing is under way. */
  readonly aloneMs: number;
  /** When something has been under way for so long, the slow lane is let run empty: slow mail must not keep what is inspected alone from its turn. */
  readonly aloneLatestMs: number;
  /** Of mail that is inspected alone, so long one after the other; then other mail has its turn, for as long as this one took. */
  readonly aloneTurnMs: number;
  /** So long no new mail is begun for it: slow mail must not keep a worker from all other. */
  readonly calmMs: number;
  /** At the end, for mails under way. */
  readonly drainMs: number;
}

export const INSPECT_LIMITS: InspectLimits = {
  mailsAtOnce: 16,
  slowAtOnce: 16,
  slowShare: 12,
  slowTurn: 4,
  slowAfterMs: 1_000,
  slowLookMs: 1_000,
  claimRecipients: 64,
  mailMs: 60_000,
  readMs: 30_000,
  probeMs: 10_000,
  againMs: 30_000,
  rulesAgainMs: 5_000,
  idleAloneMs: 1_000,
  aloneMs: 10_000,
  aloneLatestMs: 120_000,
  aloneTurnMs: 1_000,
  calmMs: 1_000,
  drainMs: 15_000,
};

/**
 * For Node, of a process that inspects and does nothing else (M4). The threads that read large mail give way to all other mail; those of V8 that
 * would collect their garbage beside them don't, and on two processors other mail would stand behind them for some ms.
 */
export const INSPECT_NODE_FLAGS: readonly string[] = ['--single-threaded-gc'];
