import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium } from './chromium.ts';

describe('findChromium', () => {
  let folder: string;
  let browser: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'switchyard-chromium-'));
    browser = join(folder, 'chromium');
    await writeFile(browser, '#!/bin/sh\n');
    await chmod(browser, 0o755);
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('takes the one it is told', async () => {
    expect(await findChromium({ CHROMIUM_PATH: browser, PATH: '' })).toBe(browser);
  });

  it('refuses to look further when the one it is told is not there', async () => {
    await expect(findChromium({ CHROMIUM_PATH: '/no/such', PATH: folder })).rejects.toThrow('CHROMIUM_PATH');
  });

  it('finds one on the PATH', async () => {
    expect(await findChromium({ PATH: `/no/such:${folder}` })).toBe(browser);
  });

  it.skipIf(process.platform === 'darwin')('says null when there is none', async () => {
    expect(await findChromium({ PATH: '/no/such' })).toBe(null);
  });
});
