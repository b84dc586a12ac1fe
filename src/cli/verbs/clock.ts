import { EXIT } from '../exit-codes.ts';
import { usage } from '../flags.ts';
import type { Verb } from '../verb.ts';
import { formatMoment } from '../when.ts';

export const clock: Verb = {
  usage: ['clock confirm [--json]'],
  about:
    "After the machine's time has jumped, nothing expires, is released by time or is purged until time has been steady for 10 minutes. Look at the time of the machine; if it is right, this lets them go on at once.",
  flags: {},
  examples: ['holdfast clock confirm'],
  run: async ({ flags, json, answer, terminal, calendar, operations }) => {
    if (flags.words.join(' ') !== 'confirm') throw usage('Say: holdfast clock confirm.');
    await using server = await operations('changes');
    const { confirmed } = await server.call<{ confirmed: string }>('clock.confirm', {});
    if (json) answer({ confirmed });
    else terminal.print(`The time is confirmed (${formatMoment(Date.parse(confirmed), calendar)}): expiry goes on.`);
    return EXIT.done;
  },
};
