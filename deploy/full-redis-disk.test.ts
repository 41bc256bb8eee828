import { type App, findPrometheus, layLine, startPrometheus } from '@switchyard/testkit';
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { ruleGroups } from './testing-documents.ts';
import { hasRedisServer, superviseRedis } from './testing-full-disk.ts';
import { programOrNull } from './testing-programs.ts';

const APPS = ['ingress', 'bot-replies', 'console'] as const;
const PATIENCE = { timeout: 120_000, interval: 500 };
const programs = await programOrNull('alerts against a real Prometheus', findPrometheus);

describe.skipIf(programs === null || !hasRedisServer())('a Redis whose disk is full', () => {
  test('ends at each write, and RedisDown fires; what was acknowledged meanwhile is done when there is room', async () => {
    const redis = await superviseRedis();
    onTestFinished(() => redis.close());
    const line = await layLine({ redisUrl: redis.url, postgresUrl: inject('postgresUrl') });
    onTestFinished(() => line.close());
    const apps = await Promise.all(APPS.map((name) => line.start(name)));
    const prometheus = await startPrometheus(configuration(apps));
    onTestFinished(() => prometheus.close());
    const firing = (alert: string) => prometheus.query(`ALERTS{alertname="${alert}",alertstate="firing"}`);
    await vi.waitFor(
      async () => expect(await prometheus.query('switchyard_redis_up == 1')).toHaveLength(1),
      PATIENCE,
    );

    redis.fillDisk();
    await vi.waitFor(() => expect(redis.said()).toContain("Can't recover from AOF write error"), PATIENCE);
    const { conversationId } = await line.chatwoot.writeAsCustomer({
      contact: { name: 'a', email: 'a@shop.example' },
      content: 'What are your hours?',
    });
    await vi.waitFor(async () => expect(await firing('RedisDown')).toHaveLength(1), PATIENCE);
    // Redis is not there to say of itself that it can't write.
    expect(await firing('RedisWritesFail')).toEqual([]);

    redis.makeRoom();
    const answers = () => line.chatwoot.messages(conversationId).filter(({ type }) => type === 'outgoing');
    await vi.waitFor(() => expect(answers()).toHaveLength(1), PATIENCE);
  }, 400_000);
});

function configuration(apps: readonly App[]): Record<string, string> {
  return {
    'prometheus.yml': stringify({
      global: { scrape_interval: '2s', scrape_timeout: '2s', evaluation_interval: '1s' },
      rule_files: ['rules.yml'],
      scrape_configs: apps.map(({ name, adminUrl }) => ({
        job_name: name,
        static_configs: [{ targets: [new URL(adminUrl).host] }],
      })),
    }),
    'rules.yml': stringify({ groups: ruleGroups().map((group) => ({ ...group, interval: '1s' })) }),
  };
}
