/** From a destination to the host or domain in it. */

/** Of `mx:DOMAIN` or `route:HOST:PORT`. */
export function hostOf(destination: string): string {
  const [kind, ...rest] = destination
    .replace(/!$/, '')
    .replace(/:lmtp$/, '')
    .split(':');
  return kind === 'route' ? rest.slice(0, -1).join(':') : rest.join(':');
}
