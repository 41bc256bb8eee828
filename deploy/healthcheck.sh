#!/bin/bash
# Healthy is able to work (/readyz). An app that says it is unwell (/healthz answers 503: it is stuck, and only a
# new process helps) is told to stop; the restart policy starts it again. Written without Node, because it runs
# every few seconds in every container.

status() {
  { exec 3<>"/dev/tcp/127.0.0.1/${ADMIN_PORT:-9100}"; } 2>/dev/null || return 1
  printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$1" >&3
  read -r _ code _ <&3
  exec 3>&-
  echo "$code"
}

if [ "$(status /healthz)" = 503 ]; then
  echo 'unwell: /healthz answers 503; stopping it'
  kill -TERM 1
  exit 1
fi
[ "$(status /readyz)" = 200 ] || { echo 'not ready; see /readyz'; exit 1; }
