import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock, FakeLog } from '#/testkit/index.ts';
import { excuses, type ProcessLook, type Pulse, watch } from './index.ts';

const WELL: Pulse = { pid: 7, phase: 'running', loopDelayMs: 0, stillMs: 0 };
const SILENT = 'it does not answer';
const STILL = 'its heartbeat stands still';

/** A process that answers as the test says, in a life of the steward that the test lets pass. */
class Patient implements AsyncDisposable {
  readonly role = 'gate+deliver';
  readonly state = 'running';
  readonly clock = new FakeClock();
  readonly log = new FakeLog();
  readonly givenUp: string[] = [];
  pid = 7;
  /** The answer to each question; null is none until `answer`. */
  pulse: Pulse | null = WELL;
  /** What the system says at each look. */
  look: (at: number) => ProcessLook | null = () => null;
  #asked = Promise.withResolvers<Pulse>();
  readonly #watching: AsyncDisposable;

  constructor() {
    const lookAt = async () => this.look(this.clock.monotonic());
    this.#watching = watch(this, { clock: this.clock, log: this.log, lookAt });
  }

  ask(): Promise<Pulse> {
    if (this.pulse !== null) return Promise.resolve(this.pulse);
    this.#asked = Promise.withResolvers<Pulse>();
    return this.#asked.promise;
  }

  /** What was asked while there was no answer is answered now. */
  answer(pulse: Pulse): void {
    this.#asked.resolve(pulse);
  }

  giveUp(_pid: number, why: string): void {
    this.givenUp.push(why);
  }

  async seconds(s: number): Promise<void> {
    await this.clock.advance(s * 1_000, 100);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.answer(WELL);
    const ended = this.#watching[Symbol.asyncDispose]();
    await this.seconds(2);
    await ended;
  }
}

test('B7: a process that answers no more is given up within ten seconds, and not before seven', async () => {
  await using patient = new Patient();
  await patient.seconds(5);
  patient.pulse = null;
  await patient.seconds(6.5);
  assert.deepEqual(patient.givenUp, []);
  await patient.seconds(3);
  assert.equal(patient.givenUp[0], SILENT);
});

test('B7: one that answers late, again and again, is not given up', async () => {
  await using patient = new Patient();
  await patient.seconds(2);
  patient.pulse = null;
  for (let i = 0; i < 20; i++) {
    await patient.seconds(5.5);
    patient.answer({ ...WELL, loopDelayMs: 5_000 });
    await patient.seconds(1);
  }
  assert.deepEqual(patient.givenUp, []);
});

test('B7: one whose heartbeat stands still is given up, though it answers; one late beat is not enough', async () => {
  await using patient = new Patient();
  await patient.seconds(2);
  patient.pulse = { ...WELL, stillMs: 9_000 };
  await patient.seconds(1);
  patient.pulse = WELL;
  await patient.seconds(20);
  assert.deepEqual(patient.givenUp, []);
  patient.pulse = { ...WELL, stillMs: 7_000 };
  await patient.seconds(3);
  assert.equal(patient.givenUp[0], STILL);
});

test('B7: time that the steward slept counts for nothing', async () => {
  await using patient = new Patient();
  await patient.seconds(2);
  patient.pulse = null;
  await patient.seconds(5);
  await patient.clock.advance(600_000, 600_000);
  patient.answer(WELL);
  await patient.seconds(5);
  assert.deepEqual(patient.givenUp, []);
});

test('B7: one that the machine lets not run, or keeps waiting for the disk, has a minute', async () => {
  const starved = (at: number) => ({ at, ranMs: at / 100, heldUpMs: at * 0.9, onDisk: new Set<string>() });
  const onDisk = (at: number) => ({ at, ranMs: 0, heldUpMs: 0, onDisk: new Set(['12']) });
  for (const look of [starved, onDisk]) {
    await using patient = new Patient();
    await patient.seconds(2);
    patient.look = look;
    patient.pulse = null;
    await patient.seconds(55);
    assert.deepEqual(patient.givenUp, []);
    await patient.seconds(10);
    assert.equal(patient.givenUp[0], SILENT);
  }
});

test('B7: a loop that spins is not excused by a loaded machine, nor a process that is stopped', () => {
  const look = (at: number, ranMs: number, heldUpMs: number, ...onDisk: string[]): ProcessLook => ({
    at,
    ranMs,
    heldUpMs,
    onDisk: new Set(onDisk),
  });
  assert.equal(excuses(look(0, 0, 0), look(7_000, 2_000, 5_000)), false, 'it had two seconds of a processor');
  assert.equal(excuses(look(0, 0, 0), look(7_000, 0, 0)), false, 'it is stopped');
  assert.equal(excuses(look(0, 0, 0, '3'), look(7_000, 0, 0, '4')), false, 'each of them waited a moment');
  assert.equal(excuses(null, look(7_000, 0, 7_000)), false, 'nothing is known');
  assert.equal(excuses(look(0, 0, 0), look(7_000, 300, 6_000)), true);
});

test('B7: a new process is not asked to answer at once, and one that never does is given up', async () => {
  await using patient = new Patient();
  patient.pulse = null;
  await patient.seconds(50);
  assert.deepEqual(patient.givenUp, []);
  await patient.seconds(15);
  assert.equal(patient.givenUp[0], 'it never answered');
});

test('B7: a slow event loop is told of once, and once more when it is free again', async () => {
  await using patient = new Patient();
  patient.pulse = { ...WELL, loopDelayMs: 1_500 };
  await patient.seconds(30);
  patient.pulse = { ...WELL, loopDelayMs: 10 };
  await patient.seconds(30);
  assert.deepEqual(patient.givenUp, []);
  assert.deepEqual(
    patient.log.lines.map(({ event }) => event),
    ['steward.child-slow', 'steward.child-steady'],
  );
});
