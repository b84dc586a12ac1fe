#!/usr/bin/env node
// The command `holdfast`. From a checkout it runs src/; an installed package carries dist/ instead,
// since Node strips no types below node_modules.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { giveUp, home, launch } from './launch.js';

const built = join(home, 'dist', 'cli', 'main.js');
const source = join(home, 'src', 'cli', 'main.ts');
const installed = home.split(/[\\/]/).includes('node_modules');
const main = !installed && existsSync(source) ? source : built;

if (!existsSync(main))
  giveUp(`is incomplete: ${main} is missing. Install the package again, or take a whole checkout.`);
await launch(main, process.argv.slice(2));
