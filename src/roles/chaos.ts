/** A failure that only we can make: a process that is alive and busy with nothing. Only where the environment asks for it. */

/** With HOLDFAST_CHAOS=1, SIGUSR2 makes the event loop turn no more, for ever. */
export function blockOnSignal(env: Readonly<Record<string, string | undefined>>): void {
  if (env.HOLDFAST_CHAOS !== '1') return;
  process.on('SIGUSR2', () => {
    for (let turns = 0; turns >= 0; turns = (turns + 1) % 1_000_000) Math.sqrt(turns);
  });
}
