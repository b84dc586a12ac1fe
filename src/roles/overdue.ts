/** Contacts and operators hear of mail that waits for a person for too long: beside the janitor's work. */
import { OverdueTeller } from '#/held/index.ts';
import { WaitingLetters } from '#/notice/index.ts';
import type { Core } from './core.ts';
import type { Opened } from './opened.ts';
import { reachIn } from './reach.ts';

/** Tells until it is disposed. `ring` tells those who deliver that a mail waits. */
export function startOverdueTeller(
  { settings, parts, stores }: Opened,
  {
    directory,
    routes: routing,
    returnPaths,
    timezoneOf,
  }: Pick<Core, 'directory' | 'routes' | 'returnPaths' | 'timezoneOf'>,
  ring: () => void,
): AsyncDisposable {
  const { custody, journal } = stores;
  const { clock, log } = parts;
  const mails = new WaitingLetters(
    { hostname: settings.hostname, timezone: timezoneOf(null) },
    { directory, routing, reach: reachIn(directory, returnPaths) },
  );
  const operators = settings.operators.map(({ address }) => address);
  return new OverdueTeller({ custody, journal, directory, operators, mails, clock, log, ring }).start();
}
