/** `tools/docs.ts`: writes the pages that are made from tables of the source. `docs.test.ts` fails where a page differs. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PAGE as FAULTS_PAGE, formatFaults } from './checks/faults.ts';
import { formatMetrics, METRICS_PAGE } from './lib/metrics-page.ts';
import { formatSettings, SETTINGS_PAGE } from './lib/settings-page.ts';
import { home } from './lib/tree.ts';

writeFileSync(join(home, SETTINGS_PAGE), formatSettings());
writeFileSync(join(home, METRICS_PAGE), formatMetrics());
writeFileSync(join(home, FAULTS_PAGE), await formatFaults());
