/** Who may send: passwords, sign-in, sending limits. */
import { makeSecretKeeper, type RunningAuth, startAuth } from '#/auth/index.ts';
import { renewSecret } from '#/config/index.ts';
import type { Core } from './core.ts';
import type { Opened } from './opened.ts';

export interface Access extends AsyncDisposable {
  readonly auth: RunningAuth;
  readonly secrets: ReturnType<typeof makeSecretKeeper>;
}

/** Saves counters every few seconds until it is disposed. */
export async function openAccess({ settings, parts, stores }: Opened, { directory }: Core): Promise<Access> {
  const { clock, log } = parts;
  const { registry } = stores;
  const secrets = makeSecretKeeper({ scram: settings.auth.scram });
  const auth = await startAuth(
    { scram: settings.auth.scram, scramSeed: stores.derivedKey('invented SCRAM answers') },
    {
      directory,
      registry,
      clock,
      log,
      renew: async (identity, change, call) => {
        const renewed = await renewSecret({ registry, clock }, identity, change, call);
        if (renewed) await directory.refresh(call);
        return renewed;
      },
    },
    secrets,
  );
  return { auth, secrets, [Symbol.asyncDispose]: () => auth[Symbol.asyncDispose]() };
}
