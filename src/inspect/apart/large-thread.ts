/** The thread that reads large mail and looks at long texts, so that the event loop of the worker has its turns for all other mail. It has no network and writes nothing. */
import { parentPort } from 'node:worker_threads';
import { within } from '#/model/index.ts';
import { Checks } from '../checks.ts';
import { Extractor, giveWay } from '../extract/index.ts';
import { type LargeAsks, type LargeQuestion, type LargeSaid, withoutTexts } from './question.ts';

/** Rule sets whose checks are kept ready: the tenants that send large mail at one time. */
const READY_MAX = 8;

// One processor at a time: the other one is for all other mail.
const extractor = new Extractor({}, { inTurn: true });
const ready = new Map<string, Checks>();

giveWay();
parentPort?.on('message', (question: LargeQuestion) => void answer(question));

async function answer({ mail, asked, texts, waitMs }: LargeQuestion): Promise<void> {
  const call = within(waitMs);
  // A copy of its own: what threads share is not taken by all that reads octets.
  const facts = 'facts' in mail ? mail.facts : await extractor.extract(Buffer.from(mail.content), mail.about, call);
  // Who has the facts can ask others about the mail meanwhile.
  if (!('facts' in mail)) say({ kind: 'facts', facts: texts ? facts : withoutTexts(facts) });
  if (asked !== null) {
    const answers = await checksOf(asked).answerInTurns(facts, asked.aids, call, asked.deadlines);
    say({ kind: 'answers', answers });
  }
  parentPort?.postMessage('done');
}

function checksOf({ version, asks }: LargeAsks): Checks {
  const kept = ready.get(version);
  if (kept !== undefined) return kept;
  const [oldest] = ready.keys();
  if (ready.size >= READY_MAX && oldest !== undefined) ready.delete(oldest);
  const made = new Checks(asks, (check, why) => say({ kind: 'fault', check, why }));
  ready.set(version, made);
  return made;
}

function say(said: LargeSaid): void {
  parentPort?.postMessage(said);
}
