/** The status pages by themselves, for who writes them out as files: no library of HTTP is behind this door. */
export { siteOf } from './site.ts';
