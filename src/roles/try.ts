/** `holdfast try`: a credential for one real sign-in as the probe tenant, and where to use it. */
import { z } from 'zod';
import type { RunningAuth } from '#/auth/index.ts';
import type { Settings } from '#/config/index.ts';
import type { MailAddress } from '#/model/index.ts';
import { type Operation, operation, Refusal } from '#/ports/index.ts';

/** Long enough for a slow machine, short enough that a leaked one is worth nothing. */
const VALID_MS = 60_000;

export function tryOperations(settings: Settings, auth: RunningAuth): readonly Operation[] {
  return [
    operation({
      name: 'try.begin',
      summary: 'Opens a credential for one mail to the built-in sink, by the way that devices and people take.',
      scope: 'operator',
      reads: false,
      input: z.strictObject({}),
      output: z.object({
        username: z.string(),
        password: z.string(),
        host: z.string(),
        port: z.int(),
        sender: z.string(),
        recipient: z.string(),
      }),
      // A probe, not an act on anybody's mail.
      subject: () => null,
      async handle() {
        const at = settings.listen.submission.find((one) => one.kind === 'address');
        if (at === undefined) throw new Refusal(2, 'There is no submission listener to try. Add listen.submission.');
        const sender = `try@${settings.hostname}` as MailAddress;
        const granted = auth.grantOnce(sender, VALID_MS);
        if (granted === null) throw new Refusal(4, 'The directory is not loaded yet. Try again in a moment.');
        const host = at.host === '0.0.0.0' ? '127.0.0.1' : at.host === '::' ? '::1' : at.host;
        return { ...granted, host, port: at.port, sender, recipient: 'sink@try.invalid' };
      },
    }),
  ];
}
