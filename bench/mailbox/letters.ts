/** Letters of 4 KiB in words as they come in text, few of them often and many seldom; no two have the same octets. */

/** So many different bodies: making each anew would cost more than storing it. */
const BODIES = 400;
const WORDS = 20_000;
const LINE_OCTETS = 72;

let seed = 20_261_130;
const bodies = Array.from({ length: BODIES }, () => bodyOf(3_600));
let written = 0;

/** One in wire form, with CR and LF; its header is a tenth of it. */
export function letterTo(address: string): string {
  written += 1;
  const body = bodies[written % BODIES] ?? '';
  return `${headTo(address, written)}${body}`;
}

/** A shorter one, for mailboxes that are large by their number. */
export function noteTo(address: string): string {
  written += 1;
  const body = bodies[written % BODIES] ?? '';
  return `${headTo(address, written)}${body.slice(0, body.indexOf('\r\n', 500) + 2)}`;
}

function headTo(address: string, number: number): string {
  return [
    `Received: from relay.world.test (relay.world.test [192.0.2.7]) by mx.bench.test with ESMTP id B${number}`,
    `From: "${wordsOf(2)}" <sender${number % 97}@world.test>`,
    `To: <${address}>`,
    `Subject: ${wordsOf(6)}`,
    `Date: Sat, 21 Nov 2026 12:00:00 +0000`,
    `Message-ID: <${number}.${process.pid}@world.test>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '\r\n',
  ].join('\r\n');
}

function bodyOf(octets: number): string {
  const lines: string[] = [];
  for (let size = 0; size < octets; ) {
    let line = '';
    while (line.length < LINE_OCTETS) line += `${word()} `;
    lines.push(line.trimEnd());
    size += line.length + 1;
  }
  return `${lines.join('\r\n')}\r\n`;
}

function wordsOf(count: number): string {
  return Array.from({ length: count }, word).join(' ');
}

function word(): string {
  return `w${Math.floor(roll() ** 4 * WORDS).toString(26)}`;
}

/** The same letters in every run. */
function roll(): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
}
