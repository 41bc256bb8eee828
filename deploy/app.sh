#!/bin/sh
# Runs one of the apps: `switchyard-app <app> [arguments]`; as `switchyard`, the command line.
set -eu
root=/app
. "$root/deploy/credentials.sh"

if [ "${0##*/}" = switchyard ]; then set -- switchyard "$@"; fi
app=${1:-}
[ "$#" -eq 0 ] || shift
case "$app" in
  ingress | crm-sync | bot-replies | routing | healer | custom-workers | console) main=$root/apps/$app/main.ts ;;
  switchyard) main=$root/apps/cli/main.ts ;;
  demo) main=$root/apps/sandbox/demo.ts ;;
  *) main= ;;
esac
if [ -z "$main" ] || [ ! -e "$main" ]; then
  echo "say which app to run: ingress, crm-sync, bot-replies, routing, healer, custom-workers, console, or switchyard <command>" >&2
  exit 1
fi
[ "$app" = demo ] || read_demo_credentials
# With the profile tls Caddy is before the ingress, in one of the networks that Docker gives out.
if [ "$app" = ingress ] && [ -n "${SWITCHYARD_DOMAIN:-}" ] && [ -z "${TRUST_PROXY:-}" ]; then
  export TRUST_PROXY=172.16.0.0/12,192.168.0.0/16
fi
cd "$root"
exec node "$main" "$@"
