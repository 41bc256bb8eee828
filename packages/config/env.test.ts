import { describe, expect, it } from 'vitest';
import { type Env, envSchema, readEnv } from './env.ts';
import { ConfigError } from './error.ts';

const WEB = 'expected a URL such as https://host';
const PORT_RANGE = 'expected a whole number from 0 to 65535';
const SECRETS =
  'a secret has at least 16 characters; copy it from Chatwoot whole; several are separated by commas';

interface Row {
  readonly absent: unknown;
  readonly good: readonly (readonly [value: string, read: unknown])[];
  readonly bad: readonly string[];
  readonly says: string;
}

const TABLE: Readonly<Record<keyof Env, Row>> = {
  REDIS_URL: {
    absent: 'redis://127.0.0.1:6379',
    good: [
      ['redis://r:1', 'redis://r:1'],
      [' rediss://:hunter22@r:6380/2 ', 'rediss://:hunter22@r:6380/2'],
      ['redis+sentinel://:hunter22@a:1,b:2/main', 'redis+sentinel://:hunter22@a:1,b:2/main'],
      ['redis+cluster://a:1,b:2', 'redis+cluster://a:1,b:2'],
    ],
    bad: ['localhost:6379', 'http://:hunter22@r', 'redis:', 'redis://', 'hunter22'],
    says:
      'expected a URL such as redis://host:6379, or rediss://host:6379 for TLS; ' +
      'Sentinel: redis+sentinel://host:26379,host:26379/name; Cluster: redis+cluster://host:6379,host:6379',
  },
  SWITCHYARD_CONFIG: { absent: undefined, good: [['./a.yaml', './a.yaml']], bad: [], says: '' },
  CHATWOOT_BASE_URL: {
    absent: undefined,
    good: [
      ['https://chat.example.com', 'https://chat.example.com'],
      ['http://localhost:3000/sub//', 'http://localhost:3000/sub'],
    ],
    bad: ['chat.example.com', 'https://', 'ftp://hunter22@chat'],
    says: WEB,
  },
  CHATWOOT_ACCOUNT: {
    absent: undefined,
    good: [
      ['1', 1],
      [' 203 ', 203],
    ],
    bad: ['0', '-1', '1.5', 'one', '1,2'],
    says: 'expected a whole number from 1 to 999999999',
  },
  CHATWOOT_API_TOKEN: { absent: undefined, good: [[' abc ', 'abc']], bad: [], says: '' },
  CHATWOOT_BOT_TOKEN: { absent: undefined, good: [['abc', 'abc']], bad: [], says: '' },
  CHATWOOT_WEBHOOK_SECRET: {
    absent: undefined,
    good: [
      ['a-secret-of-24-characters', ['a-secret-of-24-characters']],
      [' the-first-of-two , the-second-of-two ', ['the-first-of-two', 'the-second-of-two']],
      // 24 base58 characters, and 32 of url-safe base64: what Chatwoot makes.
      ['hG7kQ2mVx9RtYb4LnWc8ZpDs', ['hG7kQ2mVx9RtYb4LnWc8ZpDs']],
      ['u8-Xw_2bQ0pLr5TzKc9vNd1MfYj3GhEa', ['u8-Xw_2bQ0pLr5TzKc9vNd1MfYj3GhEa']],
    ],
    bad: ['hunter2', 'a-secret-of-15!', 'this-is-long-enough,hunter2', 'this-is-long-enough,', ','],
    says: SECRETS,
  },
  CHATWOOT_UNSIGNED_TOKEN: {
    absent: undefined,
    good: [[' u8-Xw_2bQ0pLr5TzKc9vNd1MfYj3GhEa ', 'u8-Xw_2bQ0pLr5TzKc9vNd1MfYj3GhEa']],
    bad: ['hunter2'],
    says: 'at least 32 characters: it is all that guards the source',
  },
  CRM_URL: {
    absent: undefined,
    // As it stands: a trailing slash means something to many servers.
    good: [['https://crm.example.com/leads/', 'https://crm.example.com/leads/']],
    bad: ['crm.example.com', 'postgres://crm', '/leads'],
    says: WEB,
  },
  CRM_API_KEY: { absent: undefined, good: [['k', 'k']], bad: [], says: '' },
  CUSTOMERS_DATABASE_URL: {
    absent: undefined,
    good: [
      ['postgres://u:p@h/d', 'postgres://u:p@h/d'],
      ['postgresql:///d?host=/run', 'postgresql:///d?host=/run'],
    ],
    bad: ['mysql://u:hunter22@h/d', 'h/d'],
    says: 'expected a URL such as postgres://user:password@host/database',
  },
  HOST: { absent: '0.0.0.0', good: [[' :: ', '::']], bad: [], says: '' },
  PORT: {
    absent: 3000,
    good: [
      ['0', 0],
      [' 8080 ', 8080],
      ['65535', 65_535],
    ],
    bad: ['65536', '-1', '80.5', '0x50', '1e3', 'http', 'Infinity', '٣'],
    says: PORT_RANGE,
  },
  ADMIN_PORT: {
    absent: 9100,
    good: [['9101', 9101]],
    bad: ['70000', 'tcp://10.0.0.1:9100'],
    says: PORT_RANGE,
  },
  TRUST_PROXY: {
    absent: undefined,
    good: [
      ['10.0.0.1', ['10.0.0.1']],
      [' uniquelocal, fd00::/8 ', ['uniquelocal', 'fd00::/8']],
    ],
    bad: ['hunter22', '10.0.0.1/33', 'true'],
    says: 'an address, a network such as 10.0.0.0/8, or loopback, linklocal, uniquelocal',
  },
  ADMIN_HOST: { absent: '127.0.0.1', good: [[' :: ', '::']], bad: [], says: '' },
  SPOOL_DIR: { absent: './data/spool', good: [['/var/spool', '/var/spool']], bad: [], says: '' },
  CONSOLE_HOST: { absent: '127.0.0.1', good: [[' :: ', '::']], bad: [], says: '' },
  CONSOLE_PORT: { absent: 3001, good: [['0', 0]], bad: ['70000', 'http'], says: PORT_RANGE },
  CONSOLE_PASSWORD: {
    absent: undefined,
    good: [[' correct horse battery ', 'correct horse battery']],
    bad: ['hunter2', 'hunter2hunt', 'password1234', 'Switchyard123', 'hunter2hunter2'],
    says:
      'expected at least 12 characters that are not easily guessed (no one word with digits, no repetition); ' +
      'make one with: openssl rand -base64 24',
  },
  CONSOLE_AUTH: {
    absent: 'password',
    good: [
      ['none', 'none'],
      ['password', 'password'],
    ],
    bad: ['off', 'None'],
    says: 'expected password or none',
  },
  CONSOLE_ALLOWED_HOSTS: {
    absent: undefined,
    good: [['ops.example.com, Console.Example.com', ['ops.example.com', 'console.example.com']]],
    bad: ['https://ops.example.com', 'ops.example.com:3001', '*', ','],
    says: 'expected host names separated by commas, without scheme and port, such as ops.example.com',
  },
  CONCURRENCY: {
    absent: undefined,
    good: [
      ['1', 1],
      ['1000', 1000],
    ],
    bad: ['0', '1001', 'many'],
    says: 'expected a whole number from 1 to 1000',
  },
  SHARDS: {
    absent: 1,
    good: [['16', 16]],
    bad: ['0', '1001', '2.5'],
    says: 'expected a whole number from 1 to 1000',
  },
  SHUTDOWN_TIMEOUT_MS: {
    absent: 25_000,
    good: [['0', 0]],
    bad: ['600001', '25s'],
    says: 'expected a whole number from 0 to 600000',
  },
  LOG_LEVEL: {
    absent: 'info',
    good: [['debug', 'debug']],
    bad: ['verbose', 'INFO'],
    says: 'expected one of fatal, error, warn, info, debug, trace, silent',
  },
  // Checked where tracing is on (tracing.test.ts): a platform may set them for all that runs on it.
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    absent: undefined,
    good: [['http://collector:4318', 'http://collector:4318']],
    bad: [],
    says: '',
  },
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: {
    absent: undefined,
    good: [['http://collector:4318/v1/traces', 'http://collector:4318/v1/traces']],
    bad: [],
    says: '',
  },
  OTEL_EXPORTER_OTLP_PROTOCOL: {
    absent: undefined,
    good: [['http/protobuf', 'http/protobuf']],
    bad: [],
    says: '',
  },
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: { absent: undefined, good: [['grpc', 'grpc']], bad: [], says: '' },
  OTEL_TRACES_EXPORTER: { absent: undefined, good: [['otlp', 'otlp']], bad: [], says: '' },
  OTEL_TRACES_SAMPLER: { absent: undefined, good: [['always_on', 'always_on']], bad: [], says: '' },
  OTEL_TRACES_SAMPLER_ARG: { absent: undefined, good: [['0.1', '0.1']], bad: [], says: '' },
  OTEL_SDK_DISABLED: { absent: undefined, good: [['true', 'true']], bad: [], says: '' },
};

const variables = Object.entries(TABLE);

describe('the environment', () => {
  it('has a row here for every variable', () => {
    expect(Object.keys(TABLE)).toEqual(Object.keys(envSchema.shape));
  });

  it.each(variables)('%s: absent and blank are the same', (name, { absent }) => {
    for (const env of [{}, { [name]: '' }, { [name]: '  \t' }]) {
      expect(Reflect.get(readEnv(env), name)).toEqual(absent);
    }
  });

  const good = variables.flatMap(([name, row]) => row.good.map(([value, read]) => [name, value, read]));
  it.each(good)('%s: %j is read as %j', (name, value, read) => {
    expect(readEnv({ [String(name)]: String(value) })).toHaveProperty(String(name), read);
  });

  const bad = variables.flatMap(([name, { bad: values, says }]) =>
    values.map((value) => ({ name, value, says })),
  );
  it.each(bad)('$name: $value is one line that names it and says what is expected', (row) => {
    const lines = linesOf({ [row.name]: row.value });
    expect(lines).toEqual([`${row.name}: ${row.says}`]);
    expect(lines.join()).not.toContain('hunter2');
  });

  it('names every bad variable, one line each', () => {
    expect(
      linesOf({ REDIS_URL: 'nope', PORT: '-1.5', CHATWOOT_WEBHOOK_SECRET: 'hunter2', LOG_LEVEL: 'x' }),
    ).toEqual([
      `REDIS_URL: ${TABLE.REDIS_URL.says}`,
      `CHATWOOT_WEBHOOK_SECRET: ${SECRETS}`,
      `PORT: ${PORT_RANGE}`,
      `LOG_LEVEL: ${TABLE.LOG_LEVEL.says}`,
    ]);
  });

  it('does not mind variables it does not know', () => {
    expect(readEnv({ PATH: '/bin', SWITCHYARD_FOO: 'x' })).not.toHaveProperty('SWITCHYARD_FOO');
  });
});

function linesOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readEnv(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.lines;
    throw error;
  }
  return [];
}
