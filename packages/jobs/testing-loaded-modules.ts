import { registerHooks } from 'node:module';

/** For `node --import`: tells, on standard output, the modules of OpenTelemetry that the process loads. */
registerHooks({
  load(url, context, next) {
    const [name] = /(?:@opentelemetry\/[\w-]+|bullmq-otel)(?=\/(?:dist|build)\/)/.exec(url) ?? [];
    if (name !== undefined) process.stdout.write(`loaded ${name}\n`);
    return next(url, context);
  },
});
