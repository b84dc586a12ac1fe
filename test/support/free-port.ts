/** A port of the loopback that is free now, for programs that can't be told to choose one. */
export { freePort } from '#/drills/kit/index.ts';
