/** Which release this is, for banners of our own, the journal and `--version`. */
import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

export const RELEASE: string = manifest.version;
