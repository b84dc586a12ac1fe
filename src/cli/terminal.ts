/**
 * Where answers go: standard output carries the answer alone, standard error what is said beside it (progress, notes, failures).
 * Colour only where a person looks; a state is always a word too.
 */
import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';

/** What colour means; never decoration. */
export const TONES = {
  plain: [],
  strong: ['bold'],
  quiet: ['dim'],
  ok: ['green'],
  warn: ['yellow'],
  bad: ['red'],
} as const;

export type Tone = keyof typeof TONES;

export interface Terminal {
  /** Width that tables may use: at most 100, so that they read the same everywhere. */
  readonly columns: number;
  /** Whether a person can be asked. */
  readonly asks: boolean;
  /** Text in the colour of its meaning, where there are colours. */
  paint(tone: Tone, text: string): string;
  /** Lines of the answer. */
  print(text: string): void;
  /** A line beside the answer. */
  note(text: string): void;
  /** How far long work has come; replaces the line before on a terminal, and is said seldom elsewhere. */
  progress(text: string): void;
  /** Asks a yes-or-no question; no is what silence means. */
  ask(question: string): Promise<boolean>;
}

type Output = Pick<WriteStream, 'write'> & Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'hasColors'>>;

const COLUMNS_MAX = 100;
const COLUMNS_MIN = 60;
const SELDOM_MS = 5_000;
const OFTEN_MS = 150;
const CLEAR_LINE = '\r\x1b[2K';

/** The terminal of this process. `ask` reads a line from standard input. */
export function openTerminal(stdout: Output, stderr: Output, readAnswer: (() => Promise<string>) | null): Terminal {
  const colours = stdout.isTTY === true && (stdout.hasColors?.() ?? false);
  let saidAt = Number.NEGATIVE_INFINITY;
  let unfinished = false;
  const clear = (): string => {
    const before = unfinished ? CLEAR_LINE : '';
    unfinished = false;
    return before;
  };
  return {
    columns: Math.min(COLUMNS_MAX, Math.max(COLUMNS_MIN, stdout.columns ?? COLUMNS_MAX)),
    asks: readAnswer !== null,
    paint: (tone, text) => (colours && tone !== 'plain' ? paint(tone, text) : text),
    print: (text) => {
      if (unfinished) stderr.write(clear());
      stdout.write(`${text}\n`);
    },
    note: (text) => void stderr.write(`${clear()}${text}\n`),
    progress: (text) => {
      const live = stderr.isTTY === true;
      const now = performance.now();
      if (now - saidAt < (live ? OFTEN_MS : SELDOM_MS)) return;
      saidAt = now;
      stderr.write(live ? `${CLEAR_LINE}${text}` : `${text}\n`);
      unfinished = live;
    },
    ask: async (question) => {
      if (readAnswer === null) return false;
      stderr.write(`${clear()}${question} [y/N] `);
      return /^(y|yes|はい)$/i.test((await readAnswer()).trim());
    },
  };
}

function paint(tone: Tone, text: string): string {
  return styleText([...TONES[tone]], text, { validateStream: false });
}
