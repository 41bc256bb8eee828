#!/bin/sh
set -eu
if [ -z "${SWITCHYARD_DOMAIN:-}" ]; then
  echo 'SWITCHYARD_DOMAIN: not set; write the host name that Chatwoot will post to into .env, such as switchyard.example.com, and point its DNS here' >&2
  exit 1
fi
exec caddy run --config /etc/caddy/Caddyfile --adapter caddyfile
