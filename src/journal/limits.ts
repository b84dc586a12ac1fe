/** Longest window that is asked about at once: each closed day in it is a file that is open meanwhile. */
export const WINDOW_MS_MAX: number = 31 * 24 * 3_600_000;
/** Recipients of one page of a list: an answer of some megabytes. Each page reads the window again. */
export const PAGE_MAX = 10_000;
/** The same, where nobody says. */
export const PAGE_DEFAULT = 1_000;
/** A name of a component, worker, rule or hop. */
export const NAME_CHARS_MAX = 500;
