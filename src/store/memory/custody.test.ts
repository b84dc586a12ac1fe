import { custodyContract, SUITE_SETTINGS } from '../contract/custody.ts';
import { StandingClock } from '../contract/samples.ts';
import { openMemoryCustody } from './index.ts';

custodyContract('the model', async () => {
  const clock = new StandingClock();
  const custody = openMemoryCustody({ clock }, SUITE_SETTINGS);
  return { custody, clock, close: () => custody[Symbol.asyncDispose]() };
});
