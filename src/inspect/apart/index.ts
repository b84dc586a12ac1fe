/** Large mail and long texts, in a thread of their own beside that of the worker (M4). */
export { Apart, isLarge, isLong } from './apart.ts';
