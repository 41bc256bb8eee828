#!/bin/sh
# Puts a backup of deploy/backup.sh into volumes that are new: deploy/restore.sh <folder>
#
# Everything must be stopped, and the volumes gone or never used (docker compose down; docker volume rm …). Put .env
# and config/ back yourself. COMPOSE=docker-compose takes the old one.
set -eu
cd "$(dirname "$0")/.."
compose=${COMPOSE:-docker compose}
folder=${1:?usage: deploy/restore.sh <folder>}

fill() { # service, path of its volume, archive
  if ! $compose run --rm -T --no-deps --entrypoint sh "$1" -c "[ -z \"\$(ls -A $2)\" ]" </dev/null; then
    echo "the volume of $1 is not empty, or $1 can't be started; nothing was restored into it" >&2
    exit 1
  fi
  $compose run --rm -T --no-deps --entrypoint tar "$1" -C "$2" -xf - <"$folder/$3"
}

fill redis /data redis.tar
for ingress in ingress ingress-standby; do
  [ ! -e "$folder/spool-$ingress.tar" ] || fill "$ingress" /var/lib/switchyard/spool "spool-$ingress.tar"
done
echo "restored from $folder; start with: $compose up --detach"
