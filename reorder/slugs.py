"""Every slug that a user can meet, with what it means."""

from __future__ import annotations

from typing import NamedTuple


class Pattern(NamedTuple):
    """A pattern that is repaired: what it is, when the repair is safe, and when only ``--unsafe-fixes`` makes it."""

    text: str
    safe: str
    unsafe: str


_UNLESS = "the step between carries a doubt of its package manager"

CHANGES = {
    "broad-copy-before-install": Pattern(
        "a copy of the tree or of a folder stands above an install that reads a few files",
        "every file that the install reads is known and copied first, and it writes none that the copy brings",
        _UNLESS,
    ),
    "source-copy-before-install": Pattern(
        "sources that the install does not read are copied above it",
        "the install neither reads nor writes what is copied",
        _UNLESS,
    ),
    "mixed-copy-before-install": Pattern(
        "one COPY brings manifests and sources together above the install",
        "its sources do not overlap, and the install reads only those that are copied first",
        _UNLESS,
    ),
    "copy-before-independent-step": Pattern(
        "system packages, global tools or downloads stand below a copy they do not need",
        "the copy goes where no such step reads or writes",
        _UNLESS,
    ),
    "built-files-before-install": Pattern(
        "files built in another stage are copied above an install that does not read them",
        "the install neither reads nor writes below the copy's destination",
        _UNLESS,
    ),
    "dependencies-installed-with-project": Pattern(
        "one install brings the dependencies and builds the project from its sources",
        "the install itself runs again, unchanged, below the copy, and the dependencies-only form before it leaves "
        "nothing else that the image can show",
        "the package manager's form is only plausible, or may leave more downloads in the image",
    ),
    "install-and-build-in-one-run": Pattern(
        "one RUN installs dependencies and then works with the sources",
        "both halves run the same commands in the same shell state, and nothing has to stay in one layer",
        "a failure of the first half would stop a build that goes on today",
    ),
    "build-metadata-before-install": Pattern(
        "an ARG with the build's date or commit stands above installs, which every new value runs again",
        "no step that it passes can see the variable, and its LABELs go along",
        "its name is a common one (VERSION, BUILD_NUMBER) that a package's own build may look for, an ENV hands it on, "
        "or a step takes what is newest and would no longer run with every build",
    ),
}
"""Patterns that are repaired."""

REFUSALS = {
    "add-extracts-archive": "ADD unpacks an archive, so its files are not known one by one",
    "argument-is-not-used": "nothing uses an ARG with metadata of the build: it may be there to run the steps again",
    "comment-not-understood": "a comment is meant for this tool, and says what it does not know",
    "contexts-disagree": "the project builds the file in several contexts or with several arguments, and not all agree",
    "copies-overlap": "another copy in between writes the same paths",
    "copy-destination-from-argument": "a build argument without a default decides where the copy goes",
    "copy-flag": "a flag of the copy (--exclude, --parents, ...) changes which files land where",
    "copy-in-parent-stage": "the sources are copied in the stage that this one starts from",
    "copy-not-from-context": "the copy takes its files from an image, a URL or a heredoc",
    "copy-of-a-symlink": "a source is reached through a symbolic link",
    "ignore-file-must-change": "the ignore file would need a new line, and only the Dockerfile would be written",
    "copy-renames": "the copy gives a needed file another name",
    "copy-source-from-argument": "a build argument decides what is copied",
    "copy-source-not-found": "a source is not in the build context: another context is meant, or the file is generated",
    "custom-syntax": "`# syntax=` names a frontend other than Docker's own",
    "destination-is-a-link": "the copy goes through a symbolic link that an earlier step made",
    "gain-too-small": "what the copy brings changes so seldom that a move would not pay",
    "git-in-copied-repository": "git works in a repository that comes from the build context",
    "ignored-by-comment": "a comment says that it is to be left alone",
    "ignore-file-is-a-link": "the ignore file would need a new line, but is a symbolic link",
    "implicit-native-build": "a binding.gyp makes the install compile the project's sources",
    "inside-a-workspace": "the project is a member of a workspace that starts further up",
    "install-builds-project": "the install builds the project itself from its sources",
    "install-chained-with-other-commands": "the install shares its RUN with a command that needs the sources",
    "install-edits-manifest": "the install writes into a manifest that is copied",
    "install-runs-project-code": "a lifecycle script of the project runs during the install",
    "install-writes-git-hooks": "the install sets up git hooks in a repository that is copied",
    "lock-would-be-rewritten": "the lock file is not in sync, so the install rewrites it",
    "manifest-is-a-symlink": "a file that the install reads is a symbolic link",
    "manifest-not-a-file": "what the install reads is neither a file nor a folder",
    "manifest-not-found": "a file that the install reads is not in the build context",
    "manifest-not-from-context": "a file that the install reads was made or changed by an earlier step",
    "manifest-not-understood": "a manifest or lock file does not parse, or holds what is not known",
    "manifest-unreadable": "a file that the install reads cannot be read",
    "manifest-would-be-rewritten": "the install rewrites a manifest",
    "name-has-glob-characters": "a needed file has a name that no COPY can spell for all builders",
    "named-context": "a build of the project puts a named context in the place of the base image",
    "not-proven": "the move is plausible but not proven; --unsafe-fixes makes it",
    "onbuild-base": "the base image may copy the context before the first line",
    "open-continuation": "the file ends in the middle of the instruction",
    "order-is-deliberate": "a comment says that the order is meant",
    "output-in-context": "the folder that the install makes is committed, or taken from the build context elsewhere",
    "ownership-would-change": "a directory would come into being with another owner or mode",
    "parsers-disagree": "two parsers read the file differently",
    "patches-files": "patch changes files that are not known",
    "path-unknown": "a path is only known at build time",
    "project-code": "the step runs code of the project",
    "reads-copied-files": "the step reads all of the copy, or needs a directory that only the copy makes",
    "runs-downloaded-script": "a script from the network is piped into a shell",
    "runs-project-code": "the step runs a program of the project",
    "script-in-a-file": "the program is told by a file what to do",
    "script-touches-files": "a sed or awk script reads or writes files of its own",
    "shell-function": "the script defines a function",
    "shell-not-understood": "the script does not parse, or is not for a POSIX shell",
    "shell-state": "the script changes its shell in ways that are not followed",
    "split-needs-one-layer": "the install and what follows it in its RUN belong into one layer",
    "split-needs-shell-state": "what follows the install in its RUN needs a shell that cannot be set up again",
    "step-between-needs-sources": "a step between the copy and the install needs the sources",
    "system-packages-from-a-variable": "a variable decides which packages are installed",
    "too-many-layers": "the stage would have more layers than builders allow",
    "unknown-argument": "an argument decides what is installed, and may name a project file",
    "unknown-command": "a command is not known, so it may read and write anything",
    "unknown-option": "an option is not known, so the command may read and write anything",
    "variable-changes": "a variable in the copy changes on the way",
    "variable-may-be-read": "a step may see the ARG with metadata of the build that stands above it",
    "windows-stage": "Windows images and shells are not understood",
    "working-directory-unknown": "the working directory is only known at build time",
    "workspace-bin-not-executable": "a workspace's bin file would lose the mode that the install gives it",
    "workspace-bin-not-copied": "a workspace's bin file is not there when the install links it",
    "workspaces-not-understood": "the workspace patterns are not understood",
    "writes-copied-files": "the step changes files that the copy, coming later, would overwrite",
}
"""Why a step stays where it is."""
