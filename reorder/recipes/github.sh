#!/bin/sh
# Opens a pull request for each branch that `dockerfile-fix migrate --push` pushed to GitHub: with gh and jq.
# Where there is one of this branch, open, merged or closed, nothing is done: so it may run again at any time.
# Usage: github.sh [OUTPUT_FOLDER]      Exit code 1: one could not be opened; the others were.
set -eu
output=${1:-migration}
tab=$(printf '\t')
pushed=$(jq -r 'select(.landing.status == "pushed")
  | [.name, .landing.branch, .body, .default_branch // ""] | @tsv' "$output/outcomes.jsonl")

printf '%s\n' "$pushed" | {
  status=0
  while IFS=$tab read -r name branch body base; do
    [ -n "$name" ] || continue
    found=$(gh pr list --repo "$name" --head "$branch" --state all --json number --jq length </dev/null) || found=unknown
    case $found in
      0)
        gh pr create --repo "$name" --head "$branch" ${base:+--base "$base"} \
          --title "Keep dependency installs cached" --body-file "$output/$body" </dev/null || status=1
        sleep 1 # https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
        ;;
      unknown) status=1 ;;
    esac
  done
  exit $status
}
