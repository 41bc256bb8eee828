#!/bin/sh
# Starts Grafana with a password of your own: without one it would take admin/admin.
set -eu
. /switchyard/credentials.sh
read_demo_credentials
GRAFANA_PASSWORD=${GRAFANA_PASSWORD:-}
if [ "${#GRAFANA_PASSWORD}" -lt 12 ]; then
  echo 'GRAFANA_PASSWORD: not set, or shorter than 12 characters; make one with: openssl rand -hex 16' >&2
  exit 1
fi
export GF_SECURITY_ADMIN_PASSWORD="$GRAFANA_PASSWORD"
exec /run.sh
