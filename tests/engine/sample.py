"""The cases that a test run builds unless it is told to build all: few minutes instead of a quarter of an hour.

Chosen by hand: of every manager that is known to be built one change, or two where they are of two kinds (a move and
two phases); of the rules about copies, stages, owners and divided RUNs one each; and the refusals that a person would
most likely call needless. `DOCKERFILE_FIX_ENGINE=all` builds the rest, too.
"""

from __future__ import annotations

SAMPLE = frozenset(
    """
    apt-build-packages-purged bun-frozen bundler-lock-in-sync cargo-build-in-a-builder-stage
    composer-two-phases go-build-in-a-builder-stage go-mod-download make-installs-requirements
    npm-ci-broad-copy npm-husky-without-git npm-install-lock-in-sync npm-patch-package npm-settings-file npm-workspaces
    pdm-install-of-the-project pip-dependency-group pip-find-links pip-local-directory
    pip-nested-requirements pip-venv-inside-the-tree pip-work-folder-below-usr pipenv-system-deploy pnpm-frozen
    pnpm-workspace poetry-install-of-the-project script-finds-its-folder script-installs-system-packages
    uv-application uv-package uv-workspace yarn-frozen yarn-install-and-build yarn-workspaces-of-lerna

    core-chown-goes-along core-chown-makes-the-folder core-chown-then-workdir core-folder-made-after-copy
    core-guide-broad-copy core-guide-source-before-install core-ignored-for-another-change core-ignored-label
    core-manifests-in-two-folders core-mixed-copy
    core-multi-stage-two-repairs core-output-untracked core-part-of-a-copy-is-written-over core-several-copies-in-a-row
    core-split-cleans-up-in-a-builder core-split-in-a-subfolder core-split-keeps-clean-up-with-install
    core-split-mounts-go-where-needed core-split-of-a-heredoc core-split-with-shell-state
    core-user-between core-workdir-after-copy

    core-folder-changed-after-copy core-install-runs-find-packages core-mode-changed-after-copy core-output-in-context
    core-split-may-end-early core-split-state-on-a-condition npm-install-version-bumped
    npm-postinstall-runs-project-code pip-install-dot pip-stale-metadata-in-the-context script-mode-changed
    uv-lock-out-of-sync yarn-lock-with-unused-entry
    """.split()
)
