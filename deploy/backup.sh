#!/bin/sh
# Backs up what matters, while everything runs: deploy/backup.sh <new folder>
#
#   redis.tar   the append-only file: jobs, dead jobs, what is known of deliveries, leads and conversations
#   spool-….tar deliveries that were acknowledged and are not in Redis yet, of each ingress
#   .env, config/ with what is yours, switchyard.config.ts
#
# The folder then holds secrets and what customers wrote. COMPOSE=docker-compose takes the old one.
set -eu
cd "$(dirname "$0")/.."
compose=${COMPOSE:-docker compose}
folder=${1:?usage: deploy/backup.sh <new folder>}
umask 077
mkdir "$folder"

redis() { $compose exec -T redis redis-cli "$@"; }
# While its files are copied, Redis must not replace them by new ones.
before=$(redis config get auto-aof-rewrite-percentage | tail -n 1 | tr -d '\r')
give_back() { redis config set auto-aof-rewrite-percentage "$before" >/dev/null; }
trap give_back EXIT
redis config set auto-aof-rewrite-percentage 0 >/dev/null
while redis info persistence | grep -Eq '^aof_rewrite_(in_progress|scheduled):1'; do sleep 1; done

# The spool first: what it drains meanwhile is then in both, and a delivery counts once.
for ingress in ingress ingress-standby; do
  [ -n "$($compose ps -q "$ingress" 2>/dev/null)" ] || continue
  $compose exec -T "$ingress" tar -C /var/lib/switchyard/spool --exclude ./lock --warning=no-file-changed -cf - . \
    >"$folder/spool-$ingress.tar" || [ "$?" -eq 1 ]
done
$compose exec -T redis tar -C /data --warning=no-file-changed -cf - appendonlydir >"$folder/redis.tar" || [ "$?" -eq 1 ]
cp switchyard.config.ts "$folder/"
cp -R config "$folder/"
[ ! -e .env ] || cp .env "$folder/"
tar -tf "$folder/redis.tar" | grep -q manifest || {
  echo "$folder/redis.tar has no append-only file in it; is this Redis set up by deploy/redis/redis.conf?" >&2
  exit 1
}
echo "backed up to $folder: $(du -sh "$folder" | cut -f 1)"
