/**
 * What people write into configuration, resources and rules ⇄ values: durations and sizes with units, words of a choice, maps that know
 * their keys. One way to read them, so that every file is answered alike: what is wrong, and what to write instead.
 *
 * No states. What must never happen: a unit that is guessed; a mistake that hides a second one.
 */
export { closed, either, oneOf, readBy, show } from './kinds.ts';
export { suggest, suggestion } from './suggest.ts';
export { aboutSize, formatDuration, formatSize, parseDuration, parseSize } from './units.ts';
