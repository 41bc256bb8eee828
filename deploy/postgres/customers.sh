#!/bin/sh
# Run once, when the volume is new: the table that `routing.customers.query` of switchyard.config.ts asks, the
# customers of the demo, and a role that can read and do nothing else.
set -eu
psql --quiet --set ON_ERROR_STOP=1 --set "password=${SWITCHYARD_READER_PASSWORD:-}" \
  --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE TABLE customers (
  email text PRIMARY KEY,
  subscription_tier text,
  name text
);
INSERT INTO customers (email, subscription_tier, name) VALUES
  ('priya.sharma@globex.example', 'enterprise', 'Priya Sharma'),
  ('tom@beckers-bikes.example', 'standard', 'Tom Becker');
SELECT :'password' <> '' AS has_password \gset
\if :has_password
  CREATE ROLE switchyard LOGIN PASSWORD :'password';
  ALTER ROLE switchyard SET default_transaction_read_only = on;
  GRANT SELECT ON customers TO switchyard;
\endif
SQL
