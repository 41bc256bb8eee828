import { readFileSync, writeFileSync } from 'node:fs';
import { withTables } from '../packages/config/testing-documentation.ts';

// `node scripts/run.mjs scripts/write-configuration-doc.ts` brings the tables of docs/configuration.md up to date.
const path = new URL('../docs/configuration.md', import.meta.url);
writeFileSync(path, withTables(readFileSync(path, 'utf8')));
