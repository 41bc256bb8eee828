# Sourced by the start scripts of the containers (POSIX sh). In the demo nobody has an .env: the demo's container
# makes credentials once and leaves them in a volume, at $SWITCHYARD_DEMO_FILE. They are read only where nothing is
# configured, which is where CHATWOOT_BASE_URL is not set, and what is set goes before them.

read_demo_credentials() {
  [ -n "${SWITCHYARD_DEMO_FILE:-}" ] && [ -z "${CHATWOOT_BASE_URL:-}" ] || return 0
  # The demo may be starting at this moment. Where there is none, the app says in a moment what is missing.
  tries=0
  while [ ! -e "$SWITCHYARD_DEMO_FILE" ] && [ "$tries" -lt 20 ]; do
    sleep 0.5
    tries=$((tries + 1))
  done
  [ -e "$SWITCHYARD_DEMO_FILE" ] || return 0
  while IFS='=' read -r name value; do
    case "$name" in '' | *[!A-Z0-9_]*) continue ;; esac
    eval "current=\${$name:-}"
    [ -n "$current" ] || export "$name=$value"
  done <"$SWITCHYARD_DEMO_FILE"
}
