/** Events of several recipients that are one event to a reader: the same, of the same second. */
import type { TraceEvent } from '../shapes.ts';

export interface MergedEvent {
  readonly event: TraceEvent;
  /** Addresses in order; empty where it is of the whole message. */
  readonly recipients: readonly string[];
}

const TOGETHER_MS = 1_000;

/** In order of their first event; no recipient stands twice in one. */
export function mergeEvents(events: readonly TraceEvent[]): MergedEvent[] {
  const merged: { event: TraceEvent; recipients: string[] }[] = [];
  const open = new Map<string, { event: TraceEvent; recipients: string[] }>();
  for (const event of events) {
    const { recipient } = event;
    const key = JSON.stringify([event.kind, event.stage, event.detail, event.component, event.attempt, event.peer]);
    const before = open.get(key);
    if (before !== undefined && recipient !== null && mayJoin(before, event, recipient)) {
      before.recipients.push(recipient);
      continue;
    }
    const row = { event, recipients: recipient === null || recipient === '' ? [] : [recipient] };
    merged.push(row);
    open.set(key, row);
  }
  return merged;
}

function mayJoin(before: MergedEvent, event: TraceEvent, recipient: string): boolean {
  const near = Date.parse(event.at) - Date.parse(before.event.at) < TOGETHER_MS;
  return near && before.recipients.length > 0 && !before.recipients.includes(recipient);
}
