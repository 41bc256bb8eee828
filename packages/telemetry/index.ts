export { type AdminServer, startAdminServer } from './admin-server.ts';
export { createBoundedLabel } from './bounded-label.ts';
export { createHealth, type DependencyHealth, type Health } from './health.ts';
export { listenFault } from './listen-fault.ts';
export {
  createLogger,
  currentDelivery,
  currentLogContext,
  type LogContext,
  type Logger,
  withLogContext,
} from './log.ts';
export { createMetrics, type Metrics } from './metrics.ts';
export { type ProcessConfig, type Running, type Runtime, runProcess, VERSION } from './process.ts';
export {
  errorCode,
  type Span,
  type SpanAttributes,
  type SpanSettings,
  type Tracing,
  type TracingSettings,
} from './tracing.ts';
