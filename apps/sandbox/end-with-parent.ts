// Preloaded into every app the sandbox starts: the sandbox holds the other end of standard input, so when it is
// gone, even by SIGKILL, the app ends as well.
process.stdin.on('end', () => process.exit(1)).resume();
// A handle that isn't referenced doesn't keep an app alive that is done.
Reflect.get(process.stdin, 'unref')?.call(process.stdin);
