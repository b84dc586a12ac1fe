/** Durations and sizes as people write them in files: a number and its unit, no unit left to guess. */

const MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = /^(\d{1,12})(ms|s|m|h|d)$/;

// Mail sizes have always been decimal here; whoever means powers of two writes KiB, MiB, GiB.
const BYTES = { B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const;
const SIZE = /^(\d{1,12})(B|kB|KB|MB|GB|TB|KiB|MiB|GiB)$/;

/** Milliseconds of `90s`, `15m`, `4h`, `5d`, `250ms`; null where the text is no duration or too long to count exactly. */
export function parseDuration(text: string): number | null {
  const [, amount, unit] = DURATION.exec(text) ?? [];
  return exact(Number(amount) * (MS[unit as keyof typeof MS] ?? Number.NaN));
}

/** The shortest exact spelling of a whole number of milliseconds. */
export function formatDuration(ms: number): string {
  const unit = (['d', 'h', 'm', 's'] as const).find((one) => ms !== 0 && ms % MS[one] === 0) ?? 'ms';
  return ms === 0 ? '0s' : `${ms / MS[unit]}${unit}`;
}

/** Octets of `50MB`, `512KiB`; null where the text is no size or too large to count exactly. */
export function parseSize(text: string): number | null {
  const [, amount, unit] = SIZE.exec(text) ?? [];
  return exact(Number(amount) * (BYTES[unit as keyof typeof BYTES] ?? Number.NaN));
}

/** The shortest exact spelling of a whole number of octets. */
export function formatSize(bytes: number): string {
  const unit = (['TB', 'GB', 'GiB', 'MB', 'MiB', 'kB', 'KiB'] as const).find((one) => bytes % BYTES[one] === 0) ?? 'B';
  return bytes === 0 ? '0B' : `${bytes / BYTES[unit]}${unit}`;
}

function exact(value: number): number | null {
  return Number.isSafeInteger(value) ? value : null;
}

/** A size as people know it from their file managers: `1.2 MB`. */
export function aboutSize(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'] as const;
  // What would be rounded up to 1,000 is one of the next unit.
  const step = units.findIndex((_, i) => i === units.length - 1 || bytes < 999.5 * 1_000 ** (i + 1));
  const size = bytes / 1_000 ** (step + 1);
  return `${size < 9.95 ? size.toFixed(1) : Math.round(size)} ${units[step] ?? ''}`;
}
