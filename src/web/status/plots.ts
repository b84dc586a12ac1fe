/** Seconds of the stages over a day as pictures, on a scale where each line is ten times the one below. */
import type { StagePoint, StageView } from '#/model/index.ts';
import { html, type Markup } from '../page/markup.ts';
import type { Words } from './words.ts';

const DAY_MS = 86_400_000;
const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM] = [360, 118, 34, 6, 16];
/** 10 ms at the bottom, 100 s at the top. */
const [LOWEST, HIGHEST] = [1, 5];
const LINES = [
  [10, '10 ms'],
  [100, '0.1 s'],
  [1_000, '1 s'],
  [10_000, '10 s'],
  [100_000, '100 s'],
] as const;
/** From here on mail is slow (products.md 2G). */
const SLOW_MS = 5_000;

/** One stage with its caption. */
export function plotOf({ stage, points }: StageView, now: number, words: Words): Markup {
  const last = points.at(-1);
  const [p50, p95] = [formatMs(last?.p50 ?? 0), formatMs(last?.p95 ?? 0)];
  const name = words.stage[stage];
  return html`<figure>
<figcaption><b>${name}</b><span>${p50} · ${p95}</span></figcaption>
<svg role="img" aria-label="${words.plot(name, p50, p95)}" viewBox="0 0 ${WIDTH} ${HEIGHT}">
<path class="grid" d="${LINES.map(([ms]) => `M${LEFT} ${yOf(ms)}H${WIDTH}`).join('')}"/>
${LINES.map(([ms, text]) => html`<text y="${yOf(ms) + 3}">${text}</text>`)}
<path class="slow" d="M${LEFT} ${yOf(SLOW_MS)}H${WIDTH}"/>
<path class="p50" d="${lineOf(points, now, ({ p50: ms }) => ms)}"/><path class="p95" d="${lineOf(points, now, ({ p95: ms }) => ms)}"/>
<text x="${LEFT}" y="${HEIGHT - 3}">${words.hours(24)}</text><text x="${WIDTH}" y="${HEIGHT - 3}" text-anchor="end">${words.now}</text>
</svg>
</figure>`;
}

/** Seconds with as many figures as say something. */
export function formatMs(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}

/** Relative steps in whole units are the shortest; a gap of two steps or more breaks the line. */
function lineOf(points: readonly StagePoint[], now: number, pick: (point: StagePoint) => number): string {
  let path = '';
  let before: { readonly x: number; readonly y: number; readonly at: number } | null = null;
  for (const point of points) {
    const { at } = point;
    const [x, y] = [xOf(at, now), yOf(pick(point))];
    if (x < LEFT) continue;
    const joined: string | null =
      before !== null && at - before.at <= GAP_MS ? `l${x - before.x}${y < before.y ? '' : ' '}${y - before.y}` : null;
    path += joined ?? `M${x} ${y}h1`;
    before = { x: joined === null ? x + 1 : x, y, at };
  }
  return path;
}

const GAP_MS = 40 * 60_000;

function xOf(at: number, now: number): number {
  return Math.round(WIDTH - ((now - at) / DAY_MS) * (WIDTH - LEFT));
}

function yOf(ms: number): number {
  const part = (Math.log10(Math.max(1, ms)) - LOWEST) / (HIGHEST - LOWEST);
  return Math.round(HEIGHT - BOTTOM - Math.min(1, Math.max(0, part)) * (HEIGHT - TOP - BOTTOM));
}
