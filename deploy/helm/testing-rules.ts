import { z } from 'zod';
import type { KubernetesObject } from './testing-chart.ts';

const labels = z.record(z.string(), z.string());
const port = z.union([z.string(), z.number()]);
const probe = z.looseObject({ httpGet: z.looseObject({ path: z.string(), port }) });
const variable = z.looseObject({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z.looseObject({ secretKeyRef: z.looseObject({ name: z.string(), key: z.string() }) }).optional(),
});
const container = z.looseObject({
  name: z.string(),
  args: z.array(z.string()),
  env: z.array(variable),
  ports: z.array(z.looseObject({ name: z.string(), containerPort: z.number() })),
  startupProbe: probe,
  livenessProbe: probe,
  readinessProbe: probe,
  resources: z.looseObject({ requests: z.looseObject({}), limits: z.looseObject({ memory: z.string() }) }),
  securityContext: z.looseObject({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
    capabilities: z.looseObject({ drop: z.array(z.literal('ALL')).length(1) }),
  }),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })),
});
const workload = z.looseObject({
  selector: z.looseObject({ matchLabels: labels }),
  template: z.looseObject({
    metadata: z.looseObject({ labels, annotations: labels }),
    spec: z.looseObject({
      automountServiceAccountToken: z.literal(false),
      terminationGracePeriodSeconds: z.number(),
      serviceAccountName: z.string(),
      securityContext: z.looseObject({
        runAsNonRoot: z.literal(true),
        seccompProfile: z.looseObject({ type: z.literal('RuntimeDefault') }),
      }),
      containers: z.array(container).length(1),
      volumes: z.array(z.looseObject({ name: z.string() })),
      topologySpreadConstraints: z
        .array(z.looseObject({ labelSelector: z.looseObject({ matchLabels: labels }) }))
        .default([]),
    }),
  }),
  volumeClaimTemplates: z.array(z.looseObject({ metadata: z.looseObject({ name: z.string() }) })).default([]),
});

export interface Workload {
  readonly name: string;
  readonly kind: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: z.output<typeof workload>;
  readonly container: z.output<typeof container>;
  readonly env: ReadonlyMap<string, z.output<typeof variable>>;
}

/** The Deployments and StatefulSets. @throws when one lacks what every one has: probes, limits, a safe context. */
export function workloadsOf(objects: readonly KubernetesObject[]): readonly Workload[] {
  return ofKind(objects, 'Deployment', 'StatefulSet').map((object) => {
    const spec = workload.parse(object.spec);
    const [only] = spec.template.spec.containers;
    if (only === undefined) throw new Error(`${object.metadata.name} has no container`);
    return {
      name: object.metadata.name,
      kind: object.kind,
      labels: spec.template.metadata.labels,
      spec,
      container: only,
      env: new Map(only.env.map((each) => [each.name, each])),
    };
  });
}

export function ofKind(objects: readonly KubernetesObject[], ...kinds: readonly string[]) {
  return objects.filter(({ kind }) => kinds.includes(kind));
}

const selecting = z.looseObject({
  selector: z.union([z.looseObject({ matchLabels: labels }), labels]).optional(),
  podSelector: z.looseObject({ matchLabels: labels }).optional(),
});
const servicePorts = z.looseObject({ ports: z.array(z.looseObject({ port: z.number(), targetPort: port })) });
const policyPorts = z.looseObject({
  ingress: z.array(z.looseObject({ ports: z.array(z.looseObject({ port })) })),
});
const scaled = z.looseObject({ scaleTargetRef: z.looseObject({ name: z.string() }) });

/**
 * What fits together only in sense, and no schema knows: selectors select pods that are there, ports, volumes,
 * services and scaled workloads exist. One sentence for each fault.
 */
export function ruleFaults(objects: readonly KubernetesObject[]): readonly string[] {
  const workloads = workloadsOf(objects);
  const names = (kind: string) => ofKind(objects, kind).map(({ metadata }) => metadata.name);
  const faults = workloads.flatMap((each) => [...podFaults(each), ...replicaNames(each, names('Service'))]);

  for (const object of ofKind(objects, 'Service', 'NetworkPolicy', 'PodDisruptionBudget')) {
    const { selector, podSelector } = selecting.parse(object.spec);
    const wanted = labels.parse(podSelector?.matchLabels ?? selector?.matchLabels ?? selector);
    const selected = workloads.filter((each) => fits(wanted, each.labels));
    const who = `${object.kind} ${object.metadata.name}`;
    if (selected.length === 0) faults.push(`${who} selects no pod`);
    for (const wantedPort of portsOf(object)) {
      for (const each of selected) {
        if (!hasPort(each, wantedPort)) faults.push(`${who}: ${each.name} has no port ${wantedPort}`);
      }
    }
  }
  for (const object of ofKind(objects, 'ScaledObject')) {
    const target = scaled.parse(object.spec).scaleTargetRef.name;
    if (!names('Deployment').includes(target))
      faults.push(`${object.metadata.name} scales nothing: ${target}`);
  }
  const repeated = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  for (const each of new Set(repeated.filter((name, index) => repeated.indexOf(name) !== index))) {
    faults.push(`${each} is there twice`);
  }
  return faults;
}

function podFaults({ name, kind, spec, container: app, labels: own }: Workload): readonly string[] {
  const faults: string[] = [];
  if (!fits(spec.selector.matchLabels, own)) faults.push(`${kind} ${name} does not select its own pods`);
  for (const spread of spec.template.spec.topologySpreadConstraints) {
    if (!fits(spread.labelSelector.matchLabels, own)) faults.push(`${name} is spread by others' labels`);
  }
  const ports = new Set<string | number>(app.ports.flatMap((each) => [each.name, each.containerPort]));
  for (const each of [app.startupProbe, app.livenessProbe, app.readinessProbe]) {
    if (!ports.has(each.httpGet.port)) faults.push(`${name} is probed on ${each.httpGet.port}`);
  }
  const volumes = [
    ...spec.template.spec.volumes.map((each) => each.name),
    ...spec.volumeClaimTemplates.map(({ metadata }) => metadata.name),
  ];
  for (const mount of app.volumeMounts) {
    if (!volumes.includes(mount.name)) faults.push(`${name} mounts ${mount.name}, which is no volume`);
  }
  return faults;
}

function replicaNames({ name, kind, spec }: Workload, services: readonly string[]): readonly string[] {
  if (kind !== 'StatefulSet' || services.includes(String(spec.serviceName))) return [];
  return [`StatefulSet ${name} has no Service ${String(spec.serviceName)}`];
}

function portsOf(object: KubernetesObject): readonly (string | number)[] {
  if (object.kind === 'Service') return servicePorts.parse(object.spec).ports.map((each) => each.targetPort);
  if (object.kind !== 'NetworkPolicy') return [];
  return policyPorts.parse(object.spec).ingress.flatMap((rule) => rule.ports.map((each) => each.port));
}

function hasPort({ container: app }: Workload, wanted: string | number): boolean {
  return app.ports.some((each) => each.name === wanted || each.containerPort === wanted);
}

function fits(selector: Readonly<Record<string, string>>, own: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector).every(([name, value]) => own[name] === value);
}
