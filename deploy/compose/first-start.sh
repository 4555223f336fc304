#!/bin/sh
# Writes the secrets of docker-compose.yml below the folder of the first argument,
# random and only where they are missing, each with the owner of the container that
# reads it. Run by the service first-start; it may be repeated.
set -eu
root=${1:?the folder of the secrets}
umask 077

# Owners in the images: netra, clickhouse-server, postgres, grafana, alertmanager
# (whose folder stays empty: its secrets are of the world outside).
netra=65532 clickhouse=101 postgres=999 grafana=472 alertmanager=65534
as_root=$([ "$(id -u)" -eq 0 ] && echo yes || echo no)

random() { head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }

# put FILE OWNER: the file from standard input, whole or not at all, unless it is there.
put() {
  if [ -s "$root/$1" ]; then
    cat >/dev/null
  else
    cat >"$root/$1.new"
    chmod 0400 "$root/$1.new"
    mv "$root/$1.new" "$root/$1"
    echo "first-start: made secrets/$1"
  fi
  if [ "$as_root" = yes ]; then chown "$2:$2" "$root/$1"; fi
}

for folder in admin:$netra road:$netra migrate:$netra console:$netra clickhouse:$clickhouse postgres:$postgres grafana:$grafana alertmanager:$alertmanager; do
  mkdir -p "$root/${folder%%:*}"
  if [ "$as_root" = yes ]; then chown "${folder##*:}:${folder##*:}" "$root/${folder%%:*}"; fi
  chmod 0700 "$root/${folder%%:*}"
done

# ClickHouse's administrator makes the users; the server knows only its hash.
random | put admin/admin-password $netra
hash=$(tr -d '\n' <"$root/admin/admin-password" | sha256sum | cut -d' ' -f1)
put clickhouse/netra.xml $clickhouse <<EOF
<clickhouse>
    <users>
        <default remove="remove"/>
        <admin>
            <password_sha256_hex>$hash</password_sha256_hex>
            <networks><ip>::/0</ip></networks>
            <profile>default</profile>
            <quota>default</quota>
            <access_management>1</access_management>
            <named_collection_control>1</named_collection_control>
        </admin>
    </users>
</clickhouse>
EOF

# Each user's password is where it is used, and where the administrator sets it.
for pair in road:road/clickhouse-password:$netra console:console/clickhouse-password:$netra migrator:migrate/clickhouse-password:$netra grafana:grafana/clickhouse-password:$grafana; do
  name=${pair%%:*} rest=${pair#*:}
  random | put "admin/$name-password" $netra
  put "${rest%%:*}" "${rest##*:}" <"$root/admin/$name-password"
done

random | put road/sketch-key $netra
random | put postgres/password $postgres
printf 'postgres://netra:%s@postgres:5432/netra?sslmode=disable' "$(cat "$root/postgres/password")" | put console/database-url $netra
random | put console/encryption-secret $netra
random | put console/roster-hash-key $netra
random | put grafana/admin-password $grafana

# The folder that backups go to, where one is named.
if [ $# -gt 1 ] && [ "$as_root" = yes ]; then chown "$netra:$netra" "$2"; fi
