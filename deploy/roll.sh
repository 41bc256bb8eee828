#!/bin/sh
# Puts into force what was changed, in the order in which no webhook is lost: deploy/roll.sh [--build]
#
# The one command after a change of .env or of the rules, for an upgrade and for a rollback: first the ingress that
# stands by, then the other one, each healthy before anything else is touched, then the workers and all the rest.
# What does not become healthy ends it there, while the other ingress goes on taking webhooks.
#
# The image is built when there is none of SWITCHYARD_VERSION, or with --build. COMPOSE=docker-compose takes the old
# one; HEALTHY_SECONDS is how long an ingress may take to become healthy (180).
set -eu
# From a version that has this file, one that has it not can be rolled back to: docs/deployment.md.
[ -e docker-compose.yml ] || cd "$(dirname "$0")/.."
compose=${COMPOSE:-docker compose}
seconds=${HEALTHY_SECONDS:-180}
build=no
case "$#:${1:-}" in
  0:) ;;
  1:--build) build=yes ;;
  *)
    echo 'usage: deploy/roll.sh [--build]' >&2
    exit 2
    ;;
esac

say() { echo "roll: $*"; }
# Reads .env and the files, and fails here when they can't be read: nothing was touched then.
services=$($compose config --services)
has() { printf '%s\n' "$services" | grep -qx "$1"; }

is_healthy() {
  ids=$($compose ps -q "$1")
  [ -n "$ids" ] || return 1
  for id in $ids; do
    [ "$(docker inspect --format '{{.State.Health.Status}}' "$id")" = healthy ] || return 1
  done
}

# Recreated even if nothing but the rules changed, which Compose does not see.
renew() { $compose up --detach --no-build --no-deps --force-recreate "$@"; }

renew_and_wait() {
  say "$1 is started anew"
  renew "$1"
  waited=0
  until is_healthy "$1"; do
    if [ "$waited" -ge "$seconds" ]; then
      $compose logs --tail=20 "$1" >&2 || true
      say "$1 is not healthy after $seconds s, so nothing else was touched; mend it, or go back, and run this again" >&2
      exit 1
    fi
    sleep 1
    waited=$((waited + 1))
  done
}

# An image of another name comes from a registry of the operator's.
image=$($compose config | sed -n 's/^ *image: *["'\'']*\(switchyard:[^"'\'' ]*\)["'\'']* *$/\1/p' | head -n 1)
if [ "$build" = yes ] || { [ -n "$image" ] && ! docker image inspect "$image" >/dev/null 2>&1; }; then
  say "${image:-the image} is built"
  $compose build
fi

if [ -z "$($compose ps -q ingress)" ]; then
  say 'nothing takes webhooks yet: everything is started'
  $compose up --detach --no-build
  exit 0
fi

if has ingress-standby; then
  # While one of them is away, the other has to take everything.
  if ! is_healthy ingress; then
    say 'ingress is not healthy now: webhooks go to ingress-standby, so ingress is started anew first'
    renew_and_wait ingress
    renew_and_wait ingress-standby
  else
    renew_and_wait ingress-standby
    renew_and_wait ingress
  fi
else
  say 'there is no ingress-standby (profile tls): webhooks that come in the next seconds are lost'
  renew_and_wait ingress
fi

workers=
for each in crm-sync bot-replies routing healer custom-workers console; do
  if has "$each"; then workers="$workers $each"; fi
done
# Without a name, all would be started anew, Redis too.
if [ -n "$workers" ]; then
  say "started anew:$workers"
  # shellcheck disable=SC2086
  renew $workers
fi
# Everything else, where its settings changed.
$compose up --detach --no-build
# Files that are mounted: these read them again, and lose no request meanwhile.
read_again() { # service, signal
  has "$1" && [ -n "$($compose ps -q "$1")" ] || return 0
  $compose kill -s "$2" "$1"
}
read_again caddy USR1
read_again prometheus HUP
read_again alertmanager HUP
say 'done'
