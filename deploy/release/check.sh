#!/usr/bin/env bash
# Makes the release for amd64 twice, wants the same bytes, and runs the program from the package.
set -euo pipefail
cd "$(dirname "$0")/../.."
dir="$(mktemp -d)"
trap 'rm -rf "$dir"' EXIT
go build -o "$dir/release" ./deploy/release
for n in 1 2; do "$dir/release" -platforms linux/amd64 -out "$dir/$n"; done
cmp "$dir/1/SHA256SUMS" "$dir/2/SHA256SUMS"
(cd "$dir/1" && sha256sum --check --quiet SHA256SUMS)
dpkg-deb --extract "$dir"/1/*_amd64.deb "$dir/root"
cd "$dir" # away from the checkout, whose engine it would find
test "$("$dir/root/usr/bin/netra" version --json | tr ',' '\n' | grep -c 'npm ci --prefix /usr/lib/netra/engine')" -ge 1
NETRA_CONFIG="$dir/root/etc/netra/netra.yaml" "$dir/root/usr/bin/netra" config check
echo 'ayo coblos nomor 2' | "$dir/root/usr/bin/netra" classify --format text | grep -q '"versions"'
echo "release-check: two runs gave the same bytes, and the package's program runs"
