/** People who send while the machine works: whole SMTP sessions at an even pace, begun in time whether the one before has ended or not. */
import { setTimeout as sleep } from 'node:timers/promises';
import { TestClient } from '../../test/support/load.ts';
import { RECIPIENT, SENDER } from './racer.ts';

export interface Paced {
  /** From the connection to the reply to QUIT, ms. */
  readonly latencies: readonly number[];
}

export interface Pace {
  readonly perSecond: number;
  /** Ends after so many sessions, or when `stop` says so. */
  readonly sessions: number;
  readonly stop?: AbortSignal;
  /** Hears of each message that got its 250. */
  readonly onAccepted?: () => void;
}

const BODY_BYTES = 4096;

/** Rejects, and begins no more sessions, when a message is not accepted. */
export async function paceSessions(port: number, { perSecond, sessions, stop, onAccepted }: Pace): Promise<Paced> {
  const latencies: number[] = [];
  const running: Promise<void>[] = [];
  const failures: unknown[] = [];
  const began = performance.now();
  for (let number = 0; number < sessions && failures.length === 0 && stop?.aborted !== true; number++) {
    const session = runSession(port, number).then((ms) => {
      latencies.push(ms);
      onAccepted?.();
    });
    running.push(session.catch((error) => void failures.push(error)));
    await sleep(Math.max(0, began + ((number + 1) * 1000) / perSecond - performance.now()));
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
  return { latencies };
}

async function runSession(port: number, number: number): Promise<number> {
  const began = performance.now();
  const client = await TestClient.open(port, '127.0.0.1', 30_000);
  if (client === null) throw new Error('a session got no greeting');
  const answer = await client.send({ id: `pace-${number}`, from: SENDER, to: [RECIPIENT], bodyBytes: BODY_BYTES });
  if (answer.reply?.startsWith('250') !== true) throw new Error(`a paced message was not accepted: ${answer.reply}`);
  await client.say('QUIT');
  client.close();
  return performance.now() - began;
}
