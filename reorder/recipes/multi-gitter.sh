#!/bin/sh
# For multi-gitter, which clones, commits, pushes and opens the pull requests itself: applies the patch that
# `dockerfile-fix migrate` prepared for a repository. No patch: nothing changes, and multi-gitter goes on.
#
#   multi-gitter run "$PWD/recipes/multi-gitter.sh $PWD/migration" --org my-org --branch dockerfile-fix \
#     --commit-message "Keep dependency installs cached"
set -eu
[ -d "$1/patches" ] || { echo "$1 is no output folder of dockerfile-fix migrate" >&2; exit 1; }
patch=$1/patches/$(printf %s "$REPOSITORY" | sed 's|/|__|g').patch
[ ! -e "$patch" ] || git apply "$patch"
