#!/bin/sh
# Starts the sample customers database. Its one secret is the reader's password, which stands in
# CUSTOMERS_DATABASE_URL; the superuser comes in through the socket of the container only.
set -eu
. /switchyard/credentials.sh
read_demo_credentials

say() { echo "CUSTOMERS_DATABASE_URL: $1" >&2; }

url=${CUSTOMERS_DATABASE_URL:-}
host=${url##*@}
host=${host%%[:/]*}
if [ -z "$url" ]; then
  say 'not set; for this sample database write postgres://switchyard:PASSWORD@postgres:5432/customers into .env, with a password from: openssl rand -hex 24'
  exit 1
fi
if [ "$host" = postgres ]; then
  credentials=${url#*://}
  credentials=${credentials%%@*}
  case "$credentials" in
    switchyard:????????????????*) export SWITCHYARD_READER_PASSWORD="${credentials#*:}" ;;
    switchyard:*) say 'its password is shorter than 16 characters; make one with: openssl rand -hex 24'; exit 1 ;;
    *) say 'the user of the sample database is called switchyard: postgres://switchyard:PASSWORD@postgres:5432/customers'; exit 1 ;;
  esac
else
  say 'names another database, so this sample database has nothing to do; docker compose up --scale postgres=0 leaves it out'
fi
# Asked for at the first start; nobody needs to know it.
POSTGRES_PASSWORD=$(head -c 24 /dev/urandom | base64)
export POSTGRES_PASSWORD
exec docker-entrypoint.sh postgres
