/** Traces of messages for OpenTelemetry, told from the journal (design 5). */
export { TELEMETRY_LIMITS } from './limits.ts';
export { isSampled, type Span, spansOf, traceIdOf } from './spans.ts';
export { SpanTeller, type TelemetryParts, type TelemetrySettings } from './teller.ts';
