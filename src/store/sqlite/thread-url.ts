/** Where a thread's file lies: beside this one, and built like it. */
export function threadUrl(name: 'writer-thread' | 'reader-thread' | 'checkpoint-thread'): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./${name}.${extension}`, import.meta.url);
}
