/** What the bench tells the workers it measures. */
export function workerSettings() {
  const { REDIS_URL = '', EFFECT_URL = '', CONCURRENCY = '10', ADMIN_PORT = '0' } = process.env;
  return {
    redisUrl: REDIS_URL,
    effectUrl: EFFECT_URL,
    concurrency: Number(CONCURRENCY),
    adminPort: Number(ADMIN_PORT),
  };
}
