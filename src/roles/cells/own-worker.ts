/** Custody of one cell for whoever asks all of them: an operator's claims are held by the worker that lives in that cell. */
import type { IncarnationId } from '#/model/index.ts';
import type { Custody } from '#/ports/index.ts';

/** The same custody, whose claims and settlements are those of `worker`. */
export function asWorker(custody: Custody, worker: IncarnationId): Custody {
  return {
    accept: (mails, claimFor, call) => custody.accept(mails, claimFor === null ? null : worker, call),
    claim: (request, _worker, call) => custody.claim(request, worker, call),
    settle: (settlement, _worker, call) => custody.settle(settlement, worker, call),
    body: (message, call) => custody.body(message, call),
    depth: (call) => custody.depth(call),
    enlist: (incarnation, call) => custody.enlist(incarnation, call),
    beat: (_worker, call) => custody.beat(worker, call),
    beats: (call) => custody.beats(call),
    retire: (gone, clean, call) => custody.retire(gone, clean, call),
    act: (act, filter, by, limit, call) => custody.act(act, filter, by, limit, call),
    sweep: (call) => custody.sweep(call),
    scrub: (after, limit, call) => custody.scrub(after, limit, call),
    books: (call) => custody.books(call),
    recount: (call) => custody.recount(call),
    rollOver: (before, dropBefore, limit, call) => custody.rollOver(before, dropBefore, limit, call),
    remember: (name, value, call) => custody.remember(name, value, call),
    recall: (name, call) => custody.recall(name, call),
    reserveBytes: () => custody.reserveBytes(),
    [Symbol.asyncDispose]: async () => {},
  };
}
