/** Which messages a set names (RFC 9051 §9, sequence-set), of those that the client knows. */
import { type SequenceSet, spansOf, uidsOf } from '#/codec/imap/index.ts';
import { NO_UIDS, type UidList } from './uid-list.ts';

/** UIDs, rising, each once. `uids` are all there are, by their numbers; `saved` is what `$` names. */
export function named(set: SequenceSet, by: 'number' | 'uid', uids: UidList, saved: UidList = NO_UIDS): UidList {
  return uidsOf(spansOf(set, by, uids, saved), uids);
}
