#!/usr/bin/env bash
# Old and new workers side by side while the tables are migrated under load: nothing lost, nothing twice.
# OLD is the older commit (default: the last tag, or else the state before migrations 13 and later).
set -euo pipefail
cd "$(dirname "$0")/.."
OLD="${OLD:-$(git describe --tags --abbrev=0 2>/dev/null || echo a7d65fa)}"
if ! git cat-file -e "$OLD^{commit}" 2>/dev/null; then
  echo "upgrade-check: commit $OLD is not in this clone (is it shallow? git fetch --unshallow); nothing was checked"
  exit 0
fi
tree="$(mktemp -d)"
trap 'git worktree remove --force "$tree/old"; rm -rf "$tree"' EXIT
git worktree add --quiet --detach "$tree/old" "$OLD"
cp -r pipeline/console/web/static/. "$tree/old/pipeline/console/web/static/"
echo "upgrade-check: building $OLD"
(cd "$tree/old" && go build -pgo=off -o "$tree/netra-old" ./cmd/netra)
for broker in ${BROKERS:-embedded kafka}; do
  ./bin/netra chaos --broker "$broker" --short --kills 10 --duration 60s --upgrade-from "$tree/netra-old"
done
