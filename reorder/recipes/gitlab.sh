#!/bin/sh
# Opens a merge request for each branch that `dockerfile-fix migrate --push` pushed to GitLab: with glab and jq.
# Where there is one of this branch, open, merged or closed, nothing is done: so it may run again at any time.
# Usage: gitlab.sh [OUTPUT_FOLDER]      Exit code 1: one could not be opened; the others were.
set -eu
output=${1:-migration}
tab=$(printf '\t')
pushed=$(jq -r 'select(.landing.status == "pushed")
  | [(.name | @uri), .landing.branch, (.landing.branch | @uri), .body, .default_branch // ""] | @tsv' \
  "$output/outcomes.jsonl")

# `glab mr create` wants to stand in a checkout; its `glab api` does not
printf '%s\n' "$pushed" | {
  status=0
  while IFS=$tab read -r project branch escaped body base; do
    [ -n "$project" ] || continue
    found=$(glab api "projects/$project/merge_requests?source_branch=$escaped" </dev/null | jq length) || found=unknown
    case $found in
      0)
        glab api "projects/$project/merge_requests" --raw-field "source_branch=$branch" \
          --raw-field "target_branch=$base" --raw-field "title=Keep dependency installs cached" \
          --field "description=@$output/$body" </dev/null || status=1
        ;;
      *[!0-9]* | "") status=1 ;;
    esac
  done
  exit $status
}
