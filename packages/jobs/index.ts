export { type Catalogue, createCatalogue, type PlanFault, type PlannedJob, queues } from './catalogue.ts';
export { customQueue } from './custom-queue.ts';
export { KEEP_DEAD_MS } from './dead-acts.ts';
export type { DeadFilter } from './dead-filter.ts';
export { fingerprint } from './dead-fingerprint.ts';
export type { DeadGroup } from './dead-groups.ts';
export type { DeadJob } from './dead-job.ts';
export { createDeadJobs, type DeadJobs, type DeadJobsSettings } from './dead-jobs.ts';
export type { DeadPage, DeadPageRequest } from './dead-list.ts';
export type { DeadOptions, DeadProgress, DeadResult, DeadTarget } from './dead-run.ts';
export type { DeadSummary } from './dead-summary.ts';
export type {
  Confirmation,
  DecisionSummary,
  JobContext,
  JobState,
  StepCall,
  StepContext,
  StepOptions,
  WorkerDefinition,
} from './define.ts';
export {
  type CustomCall,
  type CustomJobContext,
  type CustomSend,
  type CustomStepContext,
  type CustomWorker,
  defineWorker,
} from './define-worker.ts';
export { createDirectory, type Directory, type Reference } from './directory.ts';
export { checkDirectory } from './directory-check.ts';
export { createEnqueuer, type Enqueued, type Enqueuer, jobIdOf, type PlannedDelivery } from './enqueue.ts';
export { createQueueMonitor, type QueueCounts, type QueueMonitor } from './monitor.ts';
export { createSend, type Sender } from './outbound.ts';
export { connectRedis, type RedisConnection } from './redis.ts';
export { watchDurability } from './redis-durability.ts';
export { retryAfterMs } from './retry-after.ts';
export { agreeOnShards } from './shard-agreement.ts';
export { runWorker } from './worker.ts';
