/** A collector of OpenTelemetry that is told spans: OTLP over HTTP, in JSON. */
import type { Call } from '#/model/index.ts';
import { TELEMETRY_LIMITS } from './limits.ts';
import { attributesOf, type Span } from './spans.ts';

export interface CollectorSettings {
  /** As collectors say it, with or without `/v1/traces`. */
  readonly url: string;
  /** Value of the field Authorization; null for none. */
  readonly authorization: string | null;
  readonly host: string;
  readonly release: string;
}

/** It would not take these spans however often they were told. */
export class Unwanted extends Error {}

/** Answers of a collector that is to be asked again (OTLP, "Failures"). */
const AGAIN: readonly number[] = [429, 502, 503, 504];

/** Rejects with `Unwanted` where telling them again is of no use, otherwise with what kept them from coming. */
export async function tell(spans: readonly Span[], to: CollectorSettings, call: Call): Promise<void> {
  const late = AbortSignal.timeout(Math.max(1, Math.ceil(call.deadlineAt - performance.now())));
  const signal = call.signal === undefined ? late : AbortSignal.any([late, call.signal]);
  const answer = await fetch(addressOf(to.url), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(to.authorization !== null && { authorization: to.authorization }),
    },
    body: bodyOf(spans, to),
    redirect: 'error',
    signal,
  });
  if (answer.ok) {
    await answer.body?.cancel();
    return;
  }
  const why = `the collector answered ${answer.status}: ${await beginOf(answer)}`;
  throw AGAIN.includes(answer.status) ? new Error(why) : new Unwanted(why);
}

function addressOf(url: string): URL {
  const address = new URL(url);
  if (!address.pathname.endsWith('/v1/traces')) address.pathname = `${address.pathname.replace(/\/+$/, '')}/v1/traces`;
  return address;
}

function bodyOf(spans: readonly Span[], { host, release }: CollectorSettings): string {
  const resource = attributesOf({ 'service.name': 'holdfast', 'service.version': release, 'host.name': host });
  const scopeSpans = [{ scope: { name: 'holdfast.journal', version: release }, spans }];
  return JSON.stringify({ resourceSpans: [{ resource: { attributes: resource }, scopeSpans }] });
}

/** However much it sends. */
async function beginOf(answer: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of answer.body ?? []) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes >= TELEMETRY_LIMITS.answerBytes) break;
  }
  return Buffer.concat(pieces)
    .subarray(0, TELEMETRY_LIMITS.answerBytes)
    .toString()
    .replaceAll(/\s+/g, ' ')
    .slice(0, 200);
}
