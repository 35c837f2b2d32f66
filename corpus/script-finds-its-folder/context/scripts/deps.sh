#!/usr/bin/env bash
set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
LIST="${1:-requirements.txt}"

log() {
    local text="$1"
    echo "== $text" >&2
}

die() {
    log "$1"
    exit 1
}

install_from() {
    pip install --no-cache-dir --disable-pip-version-check -r "$1"
}

cd "$ROOT"
[ -f "$LIST" ] || die "no $LIST"
log "installing from $LIST"
install_from "$ROOT/$LIST"
