/**
 * A message's way as spans of OpenTelemetry: one trace a message, one span a journal event, and one around them all when every recipient has ended.
 * Names of traces and spans follow from what they are about, so that whoever tells them twice tells the same. No address and no subject is in them.
 */
import { hash } from 'node:crypto';
import { isLive, type JournalEvent, type MailId } from '#/model/index.ts';
import type { Trace } from '#/ports/index.ts';

/** A span in the JSON of OTLP: names in hex, times in ns as text. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly status: { readonly code: number; readonly message?: string };
}

export interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue: string } | { readonly intValue: string };
}

/** Events that are told: of one host, in a window of wall-clock ms; `to` is the first ms outside. */
export interface Told {
  readonly from: number;
  readonly to: number;
  readonly host: string;
}

const INTERNAL = 1;
const SERVER = 2;
const CLIENT = 3;
const UNSET = 0;
const FAILED = 2;
const TRACE_HEX = 32;
const SPAN_HEX = 16;

/** 32 hex digits. */
export function traceIdOf(message: MailId): string {
  return hash('sha256', `trace ${message}`).slice(0, TRACE_HEX);
}

/** Whether a message is of the share (0 to 1) that is told: the same on every host and at every time. */
export function isSampled(message: MailId, share: number): boolean {
  return Number.parseInt(hash('sha256', `sample ${message}`).slice(0, 8), 16) < share * 2 ** 32;
}

/** The spans of a message that belong to what is told; the whole's last of all, by the host of its last event. */
export function spansOf(trace: Trace, told: Told): readonly Span[] {
  const isTold = ({ at, host }: JournalEvent): boolean => at >= told.from && at < told.to && host === told.host;
  const spans = trace.events.filter(isTold).map((event) => spanOf(trace, event));
  const last = trace.events.at(-1);
  const hasEnded = trace.recipients.every(({ state }) => !isLive(state));
  if (hasEnded && last !== undefined && isTold(last)) spans.push(wholeOf(trace, last.at));
  return spans;
}

function spanOf(trace: Trace, event: JournalEvent): Span {
  const { at, recipient, kind, stage, attempt, elapsedMs, detail } = event;
  const failed = kind === 'bounced' || kind === 'expired' || kind === 'deferred';
  return {
    traceId: traceIdOf(trace.id),
    spanId: spanId(trace.id, `${at} ${recipient} ${stage} ${kind} ${attempt}`),
    parentSpanId: spanId(trace.id, 'whole'),
    name: `${stage} ${kind}`,
    kind: stage === 'accept' ? SERVER : stage === 'deliver' ? CLIENT : INTERNAL,
    startTimeUnixNano: nanos(at - Math.max(0, elapsedMs)),
    endTimeUnixNano: nanos(at),
    attributes: attributesOf({
      'holdfast.recipient': recipient,
      'holdfast.component': event.component,
      'holdfast.worker': event.worker,
      'holdfast.rule': event.rule,
      'holdfast.rule_version': event.ruleVersion,
      'holdfast.destination': event.destination,
      'holdfast.provider': event.provider,
      'holdfast.attempt': attempt,
      'holdfast.attribution': whose(event.attribution),
      'holdfast.detail': detail,
    }),
    status: failed ? { code: FAILED, message: detail } : { code: UNSET },
  };
}

function wholeOf(trace: Trace, endedAt: number): Span {
  const { id, tenant, size, receivedAt, recipients, parent } = trace;
  const unserved = recipients.filter(({ state }) => state !== 'delivered').length;
  return {
    traceId: traceIdOf(id),
    spanId: spanId(id, 'whole'),
    name: 'message',
    kind: SERVER,
    startTimeUnixNano: nanos(receivedAt),
    endTimeUnixNano: nanos(Math.max(receivedAt, endedAt)),
    attributes: attributesOf({
      'messaging.system': 'holdfast',
      'messaging.message.id': id,
      'messaging.message.body.size': size,
      'holdfast.tenant': tenant,
      'holdfast.parent': parent,
      'holdfast.recipients': recipients.length,
      'holdfast.unserved': unserved,
    }),
    status: unserved === 0 ? { code: UNSET } : { code: FAILED, message: `${unserved} not delivered` },
  };
}

function spanId(message: MailId, what: string): string {
  return hash('sha256', `span ${message} ${what}`).slice(0, SPAN_HEX);
}

function nanos(ms: number): string {
  return `${BigInt(Math.round(ms)) * 1_000_000n}`;
}

/** Where it is a person, not who. */
function whose(attribution: string | null): string | null {
  return attribution?.includes('@') === true ? 'person' : attribution;
}

/** Without those that say nothing. */
export function attributesOf(values: Readonly<Record<string, string | number | null>>): Attribute[] {
  const said = Object.entries(values).filter(([, value]) => value !== null && value !== '');
  return said.map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: String(value) },
  }));
}
