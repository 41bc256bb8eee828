export { requireAccount } from './accounts/account-unknown.ts';
export { withoutAccountMetric } from './accounts/name-account.ts';
export { type SoleAccount, tellSoleAccount, watchSoleAccount } from './accounts/sole-account.ts';
export { aboutEvent } from './attempt-spans.ts';
export { isUndeliveredReply } from './bot-events.ts';
export { type BotState, type BotSwitch, createBotSwitch } from './bot-switch.ts';
export { readBreakers } from './breaker.ts';
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
export { createEnqueuer, type Enqueued, type Enqueuer, type PlannedDelivery } from './enqueue.ts';
export { createHandoverClaims, type HandoverClaims } from './handover/claim.ts';
export {
  type HandoverCause,
  type HandoverOrder,
  handoverDelivery,
  readHandover,
} from './handover/order.ts';
export { createOwedJobs, type OwedJob, type OwedJobs } from './handover/owed.ts';
export { createLease, type Holding } from './lease/lease.ts';
export { createQueueMonitor, type QueueCounts, type QueueMonitor } from './monitor.ts';
export { recentAccounts } from './monitor-accounts.ts';
export { findKeptJob, type KeptJob } from './monitor-event.ts';
export { createSend, type Sender } from './outbound.ts';
export { createQueueSwitch, type QueueSwitch, type QueueSwitchSettings } from './queue-switch.ts';
export { connectRedis, type RedisConnection } from './redis.ts';
export { type DurabilityJudgement, readDurability, watchDurability } from './redis-durability.ts';
export { type RedisNodeHealth, readRedisHealth } from './redis-health.ts';
export { botReferences, routingReferences } from './references.ts';
export { createRehearsals, isRehearsal, type Rehearsals } from './rehearsals.ts';
export { agreeOnShards, knownShards } from './shard-agreement.ts';
export { createStories, type Stories, type StoriesSettings } from './stories.ts';
export type { StoryAttempt, StoryDecision, StoryJob, StoryStep } from './story-job.ts';
export { runWorker } from './worker.ts';
