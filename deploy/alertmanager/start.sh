#!/bin/sh
# The operator's own configuration, config/alertmanager/alertmanager.yml, or the one that is delivered, which tells
# nobody.
set -eu
file=/etc/alertmanager-own/alertmanager.yml
[ -e "$file" ] || file=/etc/alertmanager/alertmanager.yml
# One of it: it looks for no others.
exec /bin/alertmanager --config.file="$file" --storage.path=/alertmanager --cluster.listen-address=
