#!/bin/sh
# Starts Redis, after mending the end of its append-only file. Redis itself cuts off only the torn command of a torn
# transaction and would carry out the rest at the start after next (docs/operations.md). What is cut off was never
# acknowledged, and is kept beside the file. Damage anywhere else is no torn end: then Redis is not started.
set -eu
data=${REDIS_DATA:-/data}
manifest=$data/appendonlydir/appendonly.aof.manifest
# No transaction of ours, and no write of Redis, is larger.
most=$((16 * 1024 * 1024))

say() { printf '%s\n' "$said" | sed -n "$1" | tail -n 1; }

# Whether the reading failed at the end of the file: in a value or a transaction without an end, or in the last bytes.
is_at_end() { # bytes from there to the end, error
  case "$2" in 'Expected to read'* | 'Reached EOF'* | 'Unexpected EOF'*) return 0 ;; esac
  [ "$1" -lt 64 ]
}

if [ -e "$manifest" ] && ! said=$(redis-check-aof "$manifest" 2>&1); then
  file=$(say 's/^AOF analyzed: filename=\([^,]*\),.*/\1/p')
  size=$(say 's/^AOF analyzed:.* size=\([0-9]*\),.*/\1/p')
  torn=$(say 's/^AOF analyzed:.* diff=\([0-9]*\).*/\1/p')
  offset=$(say 's/^0x *\([0-9a-f]*\): .*/\1/p')
  error=$(say 's/^0x *[0-9a-f]*: \(.*\)/\1/p')
  case "$file" in *.incr.aof) ;; *) torn= ;; esac
  if [ -z "$torn" ] || [ -z "$offset" ] || [ "$torn" -gt "$most" ] ||
    ! is_at_end $((size - 0x$offset)) "$error"; then
    printf '%s\n' "$said" | tail -n 5 >&2
    echo 'the append-only file in the volume redis is damaged, which a crash does not do; see docs/deployment.md, "A damaged append-only file"' >&2
    exit 1
  fi
  tail -c "$torn" "$data/appendonlydir/$file" >"$data/torn-$(date +%Y%m%dT%H%M%S)-$file"
  yes | redis-check-aof --fix "$manifest" | tail -n 1
  echo "cut off the torn end of $file, $torn bytes, which nobody was told of"
fi
exec docker-entrypoint.sh redis-server /usr/local/etc/redis/redis.conf
