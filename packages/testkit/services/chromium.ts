import type { Environment } from './environment.ts';
import { findOnPath, isExecutable } from './executables.ts';

const onThePath = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

const onMacOs = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** How to launch it in a test: no window, also as root in a container, and without calls home. */
export const chromiumArgs: readonly string[] = [
  '--headless',
  // Chromium refuses to start its sandbox as root. The pages it opens in tests are our own.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * The path of a Chromium or Chrome: `CHROMIUM_PATH`, else on the PATH, else where macOS keeps it; null if none.
 *
 * @throws when `CHROMIUM_PATH` is set to something that can't be run.
 */
export async function findChromium(env: Environment): Promise<string | null> {
  const given = env.CHROMIUM_PATH;
  if (given !== undefined && given !== '') {
    if (await isExecutable(given)) return given;
    throw new Error(`CHROMIUM_PATH: ${given} is not a program that can be run`);
  }
  const found = await findOnPath(onThePath, env);
  if (found !== null) return found;
  for (const path of onMacOs) if (await isExecutable(path)) return path;
  return null;
}
