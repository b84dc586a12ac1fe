/**
 * Looks at the whole installation every few seconds, judges each component by the written rules, and says what has changed: to the board that pages read, to
 * the history, to the pager.
 *
 * Planned work goes before the rules: what it names is under maintenance while it runs, whatever is measured, and rules hold again behind its end.
 *
 * What must never happen: a symptom that shows later than a minute after it began (H9); a state that is better than what was measured because something could
 * not be measured; a watcher that ends because what it watches fails; work that waits for it.
 */
import {
  type ComponentId,
  type ComponentKind,
  type ComponentState,
  componentId,
  type FlowView,
  type StateChange,
  type StateReason,
  type StatusView,
  severityOf,
  TIMED_STAGES,
  type TimedStage,
  upstreamsOf,
  within,
} from '#/model/index.ts';
import type { Clock, Depth, Incidents, Log, StatusHistory } from '#/ports/index.ts';
import { Days, firstShownDay } from './days.ts';
import { Flow, oldestOf } from './flow.ts';
import { IncidentLine } from './incident-line.ts';
import { type Judgement, judge, NOTHING_KNOWN, type Verdict, verdictsOf } from './judge.ts';
import * as limits from './limits.ts';
import { measure, type Observed, READ_NAMES, timesOf } from './measure.ts';
import { MinuteBook } from './minute-book.ts';
import type { Observer, Probe } from './observer.ts';
import type { Alarm, Pager } from './pager.ts';
import { reasonOf, workOn } from './planned.ts';
import { Plots } from './plots.ts';
import { Readings } from './readings.ts';
import { Recorder } from './record.ts';
import { clearMs } from './rules.ts';
import { StageTimes, type Times } from './stage-times.ts';
import { UpstreamWatch } from './upstream-watch.ts';

export interface WatcherSettings {
  readonly name: string;
  readonly url: string;
  readonly region: string;
  readonly kinds: readonly ComponentKind[];
  /** How long the history is kept, ms. */
  readonly keepMs: number;
  /** Between two rounds of test mail, ms. */
  readonly probeMs: number;
}

export interface WatcherParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly observer: Observer;
  /** Null where no test mail is sent. */
  readonly probe: Probe | null;
  readonly history: StatusHistory;
  readonly pager: Pager;
  /** Resolves when the installation has come up, or it is time to look at it all the same. */
  readonly begins: Promise<void>;
  readonly incidents: Incidents;
}

interface Known {
  readonly state: ComponentState;
  /** Wall-clock ms. */
  readonly since: number;
  readonly reasons: readonly StateReason[];
}

const RESTORE_MS = 5_000;

export class Watcher implements AsyncDisposable {
  readonly #settings: WatcherSettings;
  readonly #parts: WatcherParts;
  readonly #stop = new AbortController();
  readonly #readings = new Readings(READ_NAMES, limits.windowMs * 2);
  readonly #probes = new StageTimes();
  readonly #failures = new Map<TimedStage, number>();
  readonly #flow = new Flow();
  readonly #days = new Days();
  readonly #plots = new Plots();
  readonly #book: MinuteBook;
  readonly #recorder: Recorder;
  readonly #line: IncidentLine;
  readonly #upstreams: UpstreamWatch;
  readonly #stopped: Promise<null>;
  readonly #running: Promise<void>;
  readonly #states = new Map<ComponentId, Known>();
  #judgement: Judgement = NOTHING_KNOWN;
  #watchedMs = 0;
  #lookedAt: number | null = null;
  #flowView: FlowView | null = null;
  #changes: readonly StateChange[] = [];
  #isRestored = false;
  #at: number;

  /** Watches until disposed. */
  constructor(settings: WatcherSettings, parts: WatcherParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#at = parts.clock.now();
    this.#book = new MinuteBook(settings.region);
    this.#line = new IncidentLine(parts.incidents);
    this.#upstreams = new UpstreamWatch(settings.region);
    this.#recorder = new Recorder({ ...parts, keepMs: settings.keepMs });
    for (const kind of settings.kinds)
      this.#states.set(componentId(settings.region, kind), { state: 'operational', since: this.#at, reasons: [] });
    const { signal } = this.#stop;
    this.#stopped = new Promise((resolve) => signal.addEventListener('abort', () => resolve(null), { once: true }));
    this.#running = this.#run();
  }

  /** Everything that is shown, of the last look. */
  view(): StatusView {
    const { name, url, region, kinds } = this.#settings;
    const from = firstShownDay(this.#at);
    const components = kinds.map((kind) => {
      const id = componentId(region, kind);
      return { id, kind, ...this.#knownOf(id), days: this.#days.of(id, from) };
    });
    const stages = this.#plots.view(this.#at);
    return {
      at: this.#at,
      name,
      url,
      region,
      components,
      flow: this.#flowView,
      stages,
      changes: this.#changes,
      incidents: this.#line.known,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { begins } = this.#parts;
    const { signal } = this.#stop;
    await Promise.race([begins, this.#stopped]);
    if (signal.aborted) return;
    await Promise.all([this.#lookForEver(), this.#probeForEver()]);
  }

  async #lookForEver(): Promise<void> {
    const { clock, log } = this.#parts;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const began = clock.monotonic();
      try {
        await this.#look();
      } catch (error) {
        log.error('status.look-failed', {
          why: error instanceof Error ? (error.stack ?? error.message) : String(error),
        });
      }
      await clock.sleep(Math.max(0, limits.lookMs - (clock.monotonic() - began)), signal);
    }
  }

  async #probeForEver(): Promise<void> {
    const { clock, probe } = this.#parts;
    const { signal } = this.#stop;
    const { probeMs } = this.#settings;
    if (probe === null) return;
    // What has just come up is not yet judged.
    await clock.sleep(probeMs, signal);
    while (!signal.aborted) {
      const began = clock.monotonic();
      const isWell = await this.#probe(probe);
      const pauseMs = isWell ? probeMs - (clock.monotonic() - began) : limits.probeAgainMs;
      await clock.sleep(Math.max(limits.probeAgainMs, pauseMs), signal);
    }
  }

  async #probe(probe: Probe): Promise<boolean> {
    const { clock, log } = this.#parts;
    let isWell = true;
    for (const { stage, ms, fault } of await probe(this.#stop.signal)) {
      if (this.#stop.signal.aborted) return true;
      this.#failures.set(stage, fault === null ? 0 : (this.#failures.get(stage) ?? 0) + 1);
      if (fault === null) this.#probes.add(stage, clock.monotonic(), ms);
      else log.warn('status.probe-failed', { stage, why: fault });
      isWell &&= fault === null;
    }
    return isWell;
  }

  async #look(): Promise<void> {
    if (!this.#isRestored) await this.#restore();
    // Who does not answer is not waited for at the end.
    const observed = await Promise.race([this.#observe(), this.#stopped]);
    if (observed === null) return;
    this.#pass(observed.monotonic);
    this.#judgement = judge(this.#judgement, measure(observed), this.#watchedMs);
    this.#at = observed.now;
    this.#lookAtUpstreams(observed);
    for (const verdict of verdictsOf(this.#judgement, this.#settings.kinds)) {
      const whole = this.#whole(verdict, observed.now);
      this.#note(this.#planned(whole, observed.now), observed.now, whole.state === verdict.state);
    }
    this.#closeMinute(observed);
    this.#parts.pager.note(this.#alarms());
    this.#recorder.write();
    this.#line.talk(observed.now);
  }

  /** Each provider's trouble is a cause of its own, and told as one. */
  #lookAtUpstreams({ upstreams, now }: Observed): void {
    if (upstreams === null) return;
    for (const change of this.#upstreams.look(upstreams, this.#watchedMs, now)) {
      this.#line.tellAs(change);
      const { component, from, to, layer } = change;
      this.#parts.log.warn('status.upstream-changed', { component, from, to, layer });
    }
  }

  /** With what is known of its parts. */
  #whole(verdict: Verdict, now: number): Verdict {
    return verdict.kind === 'upstreams' ? this.#upstreams.with(verdict, this.#watchedMs, now) : verdict;
  }

  /** When we slept, we have seen nothing: a look stands for two pauses at most. */
  #pass(monotonic: number): void {
    if (this.#lookedAt !== null) this.#watchedMs += Math.min(monotonic - this.#lookedAt, 2 * limits.lookMs);
    this.#lookedAt = monotonic;
  }

  async #observe(): Promise<Observed> {
    const { clock, observer } = this.#parts;
    const call = within(limits.lookDeadlineMs, this.#stop.signal);
    const [roles, metrics, depths, books, reports] = await Promise.all([
      observer.readiness(),
      observer.metrics(),
      observer.depth(call).catch((): readonly Depth[] | null => null),
      observer.books(call).catch(() => null),
      observer.upstreams(call).catch(() => null),
    ]);
    const [now, monotonic] = [clock.now(), clock.monotonic()];
    this.#readings.add(monotonic, metrics);
    if (books !== null) this.#flow.add(monotonic, books);
    if (depths !== null && books !== null) this.#flowView = this.#flow.view(oldestOf(depths, now));
    const own = { readings: this.#readings, probes: this.#probes, failures: this.#failures };
    const upstreams =
      reports === null ? null : upstreamsOf(reports.filter((one) => one.region === this.#settings.region));
    return { roles, depths, upstreams, now, monotonic, ...own };
  }

  /** What is measured while it is worked on is said, too: customers feel it all the same. */
  #planned(verdict: Verdict, now: number): Verdict {
    const work = workOn(componentId(this.#settings.region, verdict.kind), this.#line.known, now);
    if (work === null) return verdict;
    return { ...verdict, state: 'under_maintenance', since: null, reasons: [reasonOf(work), ...verdict.reasons] };
  }

  /** `isOwn`: the state is what its own figures say, and so a cause to be told of; else what worsened it was told by itself. */
  #note({ kind, state, since, reasons }: Verdict, now: number, isOwn: boolean): void {
    const component = componentId(this.#settings.region, kind);
    const known = this.#knownOf(component);
    // What was ill when we began is well only when it has been watched as long as any other.
    if (severityOf(state) < severityOf(known.state) && this.#watchedMs < clearMs) return;
    if (state === known.state) {
      this.#states.set(component, { ...known, reasons });
      return;
    }
    const began = since === null ? now : now - (this.#watchedMs - since);
    const change: StateChange = { component, at: now, since: began, from: known.state, to: state, reasons };
    this.#states.set(component, { state, since: now, reasons });
    this.#changes = [change, ...this.#changes].slice(0, limits.shownChanges);
    this.#recorder.add({ changes: [change] });
    if (isOwn) this.#line.tell(change);
    const { log } = this.#parts;
    const rules = reasons.map(({ rule, measured }) => `${rule} ${Math.round(measured * 100) / 100}`).join(', ');
    log[severityOf(state) > severityOf(known.state) ? 'warn' : 'info']('status.changed', {
      component,
      from: known.state,
      to: state,
      rules,
    });
  }

  #closeMinute(observed: Observed): void {
    const states = new Map([...this.#states].map(([id, { state }]) => [id, state]));
    const closed = this.#book.note(observed.now, states, () => this.#passed(observed));
    if (closed === null) return;
    this.#days.note(closed.minutes);
    this.#plots.add(closed.figures);
    this.#recorder.add(closed);
  }

  #passed(observed: Observed): ReadonlyMap<TimedStage, Times> {
    return new Map(TIMED_STAGES.map((stage) => [stage, timesOf(stage, observed, limits.windowMs)]));
  }

  #alarms(): readonly Alarm[] {
    return [...this.#states].flatMap(([component, { state, since, reasons }]): Alarm[] =>
      severityOf(state) >= severityOf('partial_outage') ? [{ component, state, since, reasons }] : [],
    );
  }

  #knownOf(component: ComponentId): Known {
    return this.#states.get(component) ?? { state: 'operational', since: this.#at, reasons: [] };
  }

  /** What was known before we began; tried again at the next look where the store is away. */
  async #restore(): Promise<void> {
    const { history, clock } = this.#parts;
    const call = within(RESTORE_MS, this.#stop.signal);
    const now = clock.now();
    try {
      const [days, figures, changes] = await Promise.all([
        history.days(firstShownDay(now), call),
        history.figures(this.#settings.region, now - limits.plotMs, call),
        history.changes(null, limits.shownChanges, call),
      ]);
      this.#days.restore(days);
      this.#plots.add(figures);
      this.#changes = [...this.#changes, ...changes].slice(0, limits.shownChanges);
      for (const change of changes.toReversed()) this.#remember(change);
      this.#isRestored = true;
    } catch {
      // Bars and plots begin with now, until the store is back.
    }
  }

  #remember({ component, at, to, reasons }: StateChange): void {
    const known = this.#states.get(component);
    if (known !== undefined && this.#watchedMs === 0) this.#states.set(component, { state: to, since: at, reasons });
  }
}
