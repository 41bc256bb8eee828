/** Values as a person would write them, the least first. */
export const least = {
  image: { repository: 'registry.example.com/switchyard' },
  config: {
    file: "export default { bot: { rules: [{ when: { contains: 'hours' }, reply: 'Always.' }] } };\n",
  },
  environment: { CHATWOOT_BASE_URL: 'https://chat.example.com', CRM_URL: 'https://crm.example.com/leads' },
  secret: {
    values: {
      REDIS_URL: 'redis://:a-redis-password@redis.example.com:6379',
      CHATWOOT_WEBHOOK_SECRET: 'hG7kQ2mVx9RtYb4LnWc8ZpDs',
      CHATWOOT_API_TOKEN: 'pQ4vT8wZ1nB6kL3sXc9RfJ2y',
      CONSOLE_PASSWORD: 'green-lorry-walks-42',
    },
  },
};

const everything = {
  ...least,
  image: { ...least.image, digest: `sha256:${'0a'.repeat(32)}`, pullSecrets: [{ name: 'registry' }] },
  extraEnv: [{ name: 'OTEL_EXPORTER_OTLP_ENDPOINT', value: 'http://collector:4318' }],
  extraEnvFrom: [{ secretRef: { name: 'more' } }],
  ingress: {
    replicas: 3,
    spool: { size: '10Gi', storageClassName: 'fast' },
    service: { type: 'LoadBalancer', port: 8080, annotations: { a: 'b' } },
    expose: { enabled: true, className: 'nginx', host: 'hooks.example.com', tlsSecretName: 'hooks-tls' },
    httpRoute: { enabled: true, parentRefs: [{ name: 'public' }], hostnames: ['hooks.example.com'] },
    extraEnv: [{ name: 'SUPPORT_SECRET', valueFrom: { secretKeyRef: { name: 'more', key: 'support' } } }],
  },
  botReplies: { concurrency: 40 },
  customWorkers: { enabled: true, queues: ['satisfaction', 'vip'] },
  console: { allowedHosts: ['ops.example.com', 'ops'] },
  autoscaling: { enabled: true, prometheusAddress: 'http://prometheus.monitoring:9090' },
  metrics: { serviceMonitor: { enabled: true, labels: { release: 'p' } }, prometheusRule: { enabled: true } },
  networkPolicy: {
    webhooksFrom: [{ namespaceSelector: { matchLabels: { name: 'gateways' } } }],
    consoleFrom: [{ podSelector: { matchLabels: { app: 'proxy' } } }],
    egress: {
      restrict: true,
      redis: [{ to: [{ ipBlock: { cidr: '10.0.0.5/32' } }], ports: [{ port: 6379 }] }],
      chatwoot: [{ to: [{ ipBlock: { cidr: '10.0.0.6/32' } }], ports: [{ port: 443 }] }],
      crm: [{ ports: [{ port: 443 }] }],
      customersDatabase: [{ to: [{ ipBlock: { cidr: '10.0.0.7/32' } }], ports: [{ port: 5432 }] }],
      extra: [{ to: [{ podSelector: {} }], ports: [{ port: 4318 }] }],
    },
  },
  serviceAccount: { annotations: { a: 'b' } },
  podAnnotations: { a: 'b' },
  podLabels: { team: 'support' },
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoSchedule' }],
  affinity: { nodeAffinity: {} },
  priorityClassName: 'high',
};

const own = {
  image: { repository: 'registry.example.com/switchyard', tag: '1.2.3' },
  fullnameOverride: 'desk-line',
  config: { existingConfigMap: 'our-config', fileName: 'config.yaml' },
  environment: { SHARDS: 6, SHUTDOWN_TIMEOUT_MS: 90_500 },
  secret: { existingSecret: 'our-secret' },
  serviceAccount: { create: false },
};

const little = {
  ...own,
  ingress: { replicas: 1 },
  crmSync: { enabled: false },
  routing: { enabled: false },
  healer: { enabled: false },
  console: { auth: 'none' },
  networkPolicy: { enabled: false },
  podDisruptionBudget: { enabled: false },
  topologySpread: [],
};

export const valueSets: readonly (readonly [string, unknown])[] = [
  ['the least', least],
  ['everything', everything],
  ['a ConfigMap and a Secret of their own', own],
  ['little', little],
  ['no console', { ...own, console: { enabled: false } }],
];
