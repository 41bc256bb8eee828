export { type PlannedJob, plan, queues } from './catalogue.ts';
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
export { createDirectory, type Directory, type Reference } from './directory.ts';
export { checkDirectory } from './directory-check.ts';
export { createEnqueuer, type Enqueued, type Enqueuer, jobIdOf, type PlannedDelivery } from './enqueue.ts';
export { createQueueMonitor, type QueueCounts, type QueueMonitor } from './monitor.ts';
export { createSend, type Sender } from './outbound.ts';
export { connectRedis, type RedisConnection } from './redis.ts';
export { watchDurability } from './redis-durability.ts';
export { runWorker } from './worker.ts';
