"""What pip and its relatives read and write, command by command."""

from __future__ import annotations

import shlex

import pytest
from copied_view import FakeView
from pip_call import context_reads, run

from reorder.context.memory import MemoryTree
from reorder.effects import NO_EFFECTS, Output, Role
from reorder.manager import Call, Prefetch, find_manager

TREE = {
    "requirements.txt": "-r req/base.txt\nflask>=2\n",
    "req/base.txt": "-c limits.txt\nsix==1.16.0\n",
    "req/limits.txt": "six<2\n",
    "pyproject.toml": '[dependency-groups]\ntest = ["pytest", {include-group = "lint"}]\nlint = ["ruff"]\n',
    "setup.py": "from setuptools import setup\nsetup()\n",
    "vendor/foo-1.0.whl": b"PK",
    "app/main.py": "print()\n",
}
CLOSURE = {"requirements.txt", "req/base.txt", "req/limits.txt"}


@pytest.mark.parametrize(
    ("command", "reads"),
    [
        ("pip install -r requirements.txt", CLOSURE),
        ("pip3 install --no-cache-dir -q -rrequirements.txt", CLOSURE),
        ("pip3.11 --no-cache-dir --timeout 60 install --requirement=requirements.txt", CLOSURE),
        ("/usr/local/bin/pip install -Ur /app/requirements.txt", CLOSURE),
        ("python -m pip install -r ./requirements.txt", CLOSURE),
        ("python3.12 -u -W ignore -m pip install -r req/base.txt", {"req/base.txt", "req/limits.txt"}),
        ("pip install -c req/limits.txt six", {"req/limits.txt"}),
        ("pip install --build-constraint req/limits.txt six", {"req/limits.txt"}),
        ("pip install ./vendor/foo-1.0.whl", {"vendor/foo-1.0.whl"}),
        ("pip install --no-cache vendor/*.whl", {"vendor/foo-1.0.whl"}),
        ("pip install vendor/*", {"vendor/foo-1.0.whl"}),
        ("pip install --no-cache-dir /wheels/*", set()),
        ("pip install 'foo @ file:///app/vendor/foo-1.0.whl'", {"vendor/foo-1.0.whl"}),
        ("pip install --no-index --find-links=vendor foo", {"vendor"}),
        ("pip install --no-index -f file:///app/vendor foo", {"vendor"}),
        ("pip install -f vendor/index.html foo", {"vendor"}),
        ("pip install --group test", {"pyproject.toml"}),
        ("pip install --group pyproject.toml:lint", {"pyproject.toml"}),
        ("pip install --cert ca.pem six", {"ca.pem"}),
        ("pip install --upgrade pip setuptools wheel", set()),
        ("pip install 'poetry==…' 'uvicorn[…]' git+https://host/a@… -i https://…/simple", set()),
        ("pip install --extra-index-url … six", set()),
        ("pip download -d /wheels -r req/base.txt", {"req/base.txt", "req/limits.txt"}),
        ("pip wheel --wheel-dir /wheels -r req/base.txt", {"req/base.txt", "req/limits.txt"}),
        ("pip uninstall -y -r req/base.txt", {"req/base.txt", "req/limits.txt"}),
        ("pip list", set()),
        ("pip --version", set()),
        ("pip freeze -r requirements.txt", {"requirements.txt"}),
        ("pip cache purge", set()),
        ("pip config set global.index-url https://host/simple", set()),
        ("python -m venv .venv", {".venv"}),
        ("virtualenv --python=python3 /venv", set()),
    ],
)
def test_what_is_read_of_the_context(command: str, reads: set[str]) -> None:
    effects = run(command, TREE)
    assert effects.blocks == ()
    assert context_reads(effects) == reads


def test_includes_are_relative_to_the_including_file_and_told_in_order() -> None:
    assert run("pip install -r requirements.txt", TREE).evidence == (
        "requirements.txt: -r at command line",
        "req/base.txt: -r in requirements.txt:1",
        "req/limits.txt: -c in req/base.txt:1",
    )


def test_files_that_include_each_other_are_read_once() -> None:
    effects = run("pip install -r a.txt", {"a.txt": "-r b.txt", "b.txt": "-r a.txt\nsix"})
    assert context_reads(effects) == {"a.txt", "b.txt"}


@pytest.mark.parametrize(
    ("command", "slug"),
    [
        ("pip install -r missing.txt", "manifest-not-found"),
        ("pip install -r made.txt", "manifest-not-from-context"),
        ("pip install -r link.txt", "manifest-is-a-symlink"),
        ("pip install -r app", "manifest-not-understood"),
        ("pip install -r ../../outside.txt", "manifest-not-found"),
        ("pip install -r /dev/stdin", "unknown-argument"),
        ("pip install -r …", "unknown-argument"),
        ("pip install …", "manifest-not-understood"),
        ("pip install …==1.0", "manifest-not-understood"),
        ("pip install vendor/foo-….whl", "unknown-argument"),
        ("pip install -e ./…", "unknown-argument"),
        ("pip install --group nothing", "manifest-not-understood"),
        ("pip install -r pylock.toml", "manifest-not-understood"),
        ("pip install --requirements-from-script app/main.py", "project-code"),
        ("pip install --no-such-option six", "unknown-option"),
        ("pip install --requir requirements.txt", "unknown-option"),
        ("pip install v*/foo-1.0.whl", "unknown-argument"),
        ("pip install ./*", "install-builds-project"),
        ("pip install .", "install-builds-project"),
        ("pip install -e .", "install-builds-project"),
        ("pip install -e .[dev]", "install-builds-project"),
        ("pip install /app", "install-builds-project"),
        ("pip install --only-deps .", "install-builds-project"),
        ("pip wheel .", "install-builds-project"),
        ("pip lock -r requirements.txt", "unknown-command"),
        ("pip config set global.find-links /app/wheels", "unknown-option"),
        ("pip config edit", "unknown-option"),
        ("python setup.py develop", "install-builds-project"),
        ("python setup.py sdist", "project-code"),
        ("python -c 'import six'", "project-code"),
        ("python app/main.py", "project-code"),
        ("python -m app", "project-code"),
        ("python", "project-code"),
        ("python -Z -m pip install six", "unknown-option"),
        ("python -m venv …", "unknown-option"),
    ],
)
def test_what_cannot_move(command: str, slug: str) -> None:
    effects = run(command, TREE, made=("/app/made.txt",), links=("/app/link.txt",))
    assert [block.slug for block in effects.blocks] == [slug]
    assert effects.reads.everything
    assert "\0" not in effects.blocks[0].why


def test_an_install_that_cannot_move_is_still_an_install() -> None:
    assert run("pip install .", TREE).role is Role.INSTALL
    assert run("python setup.py install", TREE).role is Role.INSTALL
    assert run("python setup.py test", TREE).role is Role.LOCAL


def test_refusals_name_file_and_line() -> None:
    effects = run("pip install -r r.txt", {"r.txt": "six\n\n-e .\n", "setup.py": "import os"})
    assert effects.blocks[0].why.startswith("r.txt:3: pip builds the project in /app; ")
    effects = run("pip install -r r.txt", {"r.txt": "six\n--no-such-option\n"})
    assert effects.blocks[0].why.startswith("r.txt:2: ")
    effects = run("pip install -r r.txt", {"r.txt": b"six\xff\n"})
    assert effects.blocks[0].why.startswith("r.txt: ")


@pytest.mark.parametrize(
    ("env", "reads"),
    [
        ({"PIP_CONSTRAINT": "req/limits.txt"}, {"req/limits.txt"}),
        ({"PIP_FIND_LINKS": "vendor https://host/"}, {"vendor"}),
        ({"PIP_CONFIG_FILE": "/app/pip.conf"}, {"pip.conf"}),
        ({"PIP_NO_CACHE_DIR": "1", "PIP_DEFAULT_TIMEOUT": "…", "PIP_VERSION": "24"}, set()),
        ({"PIP_INDEX_URL": "\0"}, set()),
        ({"REQUESTS_CA_BUNDLE": "/app/certs/ca.pem"}, {"certs/ca.pem"}),
        ({"CFLAGS": "-O2 -I/app/include"}, {"include"}),
        ({"PYTHONPATH": "/app"}, set()),
    ],
)
def test_the_environment_counts(env: dict[str, str], reads: set[str]) -> None:
    effects = run("pip install six", TREE, env=env)
    assert effects.blocks == ()
    assert context_reads(effects) == reads


def test_a_home_folder_inside_the_tree() -> None:
    effects = run("pip install six", {".config/pip/pip.conf": "", "a.py": ""}, env={"HOME": "/app"})
    assert context_reads(effects) >= {".config", ".local", ".cache"}
    assert effects.writes.has("/app/.local/lib/x.py")
    assert not effects.writes.has("/app/.config/pip/pip.conf")
    assert effects.reads.has("/root/.netrc")


def test_folders_that_variables_move() -> None:
    effects = run("pip install six", env={"XDG_CACHE_HOME": "/app/cache", "PYTHONUSERBASE": "/app/base"})
    assert effects.writes.has("/app/cache/pip/x")
    assert effects.writes.has("/app/base/lib/x.py")


@pytest.mark.parametrize(
    ("env", "base", "reads"),
    [
        ({}, "python:3.11", set()),
        ({"PYENV_ROOT": "/opt/pyenv"}, "debian", {".python-version"}),
        ({"PATH": "/root/.asdf/shims:\0"}, "debian", {".tool-versions"}),
        ({}, "me/mise:1", {".tool-versions", "mise.toml", ".mise.toml"}),
        ({"PROMISED": "1"}, "python", set()),
    ],
)
def test_shims_of_version_managers(env: dict[str, str], base: str, reads: set[str]) -> None:
    assert context_reads(run("pip install six", {".python-version": "3.11"}, env=env, base=base)) == reads


def test_setup_cfg_in_the_working_directory() -> None:
    assert context_reads(run("pip install six", {"setup.cfg": "[metadata]\nname = x\n"})) == set()
    assert context_reads(run("pip install six", {"setup.cfg": "[install]\nprefix=\n"})) == {"setup.cfg"}


def test_a_path_in_an_unknown_variable_blocks() -> None:
    assert run("pip install six", TREE, env={"PIP_CONSTRAINT": "\0"}).blocks[0].slug == "unknown-argument"


def test_pip_conf_of_the_context_is_obeyed() -> None:
    files = {"pip.conf": "[global]\nindex-url = https://host/\n[install]\nfind-links =\n  wheels\n  https://host/\n"}
    env = {"PIP_CONFIG_FILE": "/app/pip.conf"}
    assert context_reads(run("pip install six", files, env=env)) == {"pip.conf", "wheels"}
    assert context_reads(run("pip download six -d /w", files, env=env)) == {"pip.conf"}
    assert run("pip install six", {"pip.conf": "nonsense"}, env=env).blocks[0].slug == "manifest-not-understood"


def test_pip_conf_in_the_home_folder_is_probed() -> None:
    files = {".config/pip/pip.conf": "[install]\ntarget = lib\n"}
    effects = run("pip install six", files, cwd="/home/me", root="/home/me", home="/home/me")
    assert effects.reads.has("/home/me/.config/pip/pip.conf")
    assert effects.reads.has("/home/me/.pip/pip.conf")
    assert effects.reads.has("/home/me/.netrc")
    assert effects.writes.has("/home/me/lib/x.py")


@pytest.mark.parametrize(
    "root", ["/app", "/usr/src/app", "/opt/app", "/var/www", "/srv", "/root/app", "/tmp/app", "/code"]
)
def test_usual_work_folders_are_not_touched(root: str) -> None:
    effects = run("pip install -r requirements.txt", TREE, cwd=root, root=root)
    assert context_reads(effects, root) == CLOSURE
    assert not effects.writes.has(f"{root}/app/main.py")


@pytest.mark.parametrize(
    "path", ["/usr/local/lib/python3.11/site-packages/six.py", "/etc/pip.conf", "/root/.cache/pip/x"]
)
def test_where_it_installs(path: str) -> None:
    effects = run("pip install six")
    assert effects.writes.has(path)
    assert effects.reads.has(path)
    assert effects.network
    assert effects.role is Role.INSTALL


def test_without_an_index_there_is_no_network() -> None:
    assert not run("pip install --no-index -f vendor foo", TREE).network


@pytest.mark.parametrize(
    ("command", "env"),
    [
        (".venv/bin/pip install six", {}),
        ("/app/.venv/bin/python -m pip install six", {}),
        ("pip install six", {"PATH": "/app/.venv/bin:\0"}),
    ],
)
def test_a_virtual_environment_inside_the_copied_tree(command: str, env: dict[str, str]) -> None:
    effects = run(command, TREE, env=env, made=("/app/.venv",))
    assert effects.writes.has("/app/.venv/lib/x.py")
    assert effects.outputs == (Output("/app/.venv", rebuilt=False),)
    assert context_reads(effects) == {".venv"}


def test_a_program_of_the_project_is_project_code() -> None:
    files = {"bin/pip": "#!/bin/sh\n"}
    assert run("pip install six", files, env={"PATH": "/app/bin:\0"}).blocks[0].slug == "project-code"
    assert run("bin/pip install six", files).blocks[0].slug == "project-code"
    assert run("pip install six", files).blocks == ()


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("python -m venv venv", Output("/app/venv", rebuilt=False)),
        ("python -m venv --clear venv", Output("/app/venv", rebuilt=True)),
    ],
)
def test_folders_that_it_makes(command: str, output: Output) -> None:
    effects = run(command)
    assert effects.outputs == (output,)
    assert effects.writes.has(output.path)
    assert effects.reads.has(output.path)


@pytest.mark.parametrize(
    ("command", "folder"),
    [
        ("pip install -t lib six", "/app/lib"),
        ("pip install --prefix=/app/deps six", "/app/deps"),
        ("pip install --root root six", "/app/root"),
        ("pip download -d wheels six", "/app/wheels"),
        ("pip wheel -w wheels six", "/app/wheels"),
        ("pip install -e git+https://host/a.git#egg=My_Lib", "/app/src/my-lib"),
    ],
)
def test_folders_that_may_hold_sources_are_written_but_never_ignored(command: str, folder: str) -> None:
    effects = run(command)
    assert effects.outputs == ()
    assert effects.writes.has(f"{folder}/x.py")
    assert effects.reads.has(f"{folder}/x.py")
    assert not effects.writes.has("/app/main.py")


CONF = {"pip.conf": "[global]\nindex-url = https://host/\n"}


@pytest.mark.parametrize(
    ("made", "env"),
    [
        ("/etc/pip.conf", {}),
        ("/root/.pip/pip.conf", {}),
        ("/root/.pip", {}),
        ("/root/.config/pip/pip.conf", {}),
        ("/root/.config/pip", {}),
        ("/usr/local/pip.conf", {}),
        ("/srv/venv/pip.conf", {"VIRTUAL_ENV": "/srv/venv"}),
        ("/conf/pip/pip.conf", {"XDG_CONFIG_HOME": "/conf"}),
        ("/srv/pip.ini", {"PIP_CONFIG_FILE": "/srv/pip.ini"}),
        ("/app/pip.ini", {"PIP_CONFIG_FILE": "pip.ini"}),
    ],
)
def test_settings_that_an_earlier_step_wrote_are_not_known(made: str, env: dict[str, str]) -> None:
    effects = run("pip install six", env=env, made=(made,))
    assert [block.slug for block in effects.blocks] == ["manifest-not-from-context"]
    assert effects.role is Role.INSTALL


@pytest.mark.parametrize(
    "made", ["/root", "/root/.config", "/root/.cache", "/root/.local", "/srv/venv", "/usr/local/lib", "/etc/apt"]
)
def test_a_step_that_takes_hold_of_a_whole_folder_writes_no_settings(made: str) -> None:
    assert run("pip install six", env={"VIRTUAL_ENV": "/srv/venv"}, made=(made,)).blocks == ()


def test_pip_itself_leaves_settings_as_they_are() -> None:
    candidates = ["/root/.config/pip/pip.conf", "/root/.pip/pip.conf", "/usr/local/pip.conf"]
    for command in ("pip install --upgrade pip", "pip config set global.index-url https://host/simple"):
        effects = run(command)
        assert not any(map(effects.writes.has, candidates))
        assert all(map(effects.reads.has, candidates))


def test_pip_config_changes_the_settings_that_a_copy_brought() -> None:
    command, env = "pip config set global.index-url https://host/simple", {"PIP_CONFIG_FILE": "/app/pip.conf"}
    assert run(command, CONF, env=env).writes.has("/app/pip.conf")
    assert not run(command, env=env).writes.has("/app/pip.conf")


def test_a_relative_settings_file_is_found_from_the_working_directory() -> None:
    files = {"web/pip.conf": "[install]\nconstraint = c.txt\n", "web/c.txt": "six<2\n"}
    effects = run("pip install six", files, cwd="/app/web", env={"PIP_CONFIG_FILE": "pip.conf"})
    assert context_reads(effects) == {"web/pip.conf", "web/c.txt"}
    assert context_reads(run("pip install six", files, env={"PIP_CONFIG_FILE": "pip.conf"})) == {"pip.conf"}


def test_settings_at_an_unknown_place_block() -> None:
    assert run("pip install six", env={"PIP_CONFIG_FILE": "\0"}).blocks[0].slug == "unknown-argument"
    assert run("pip install six", home="\0").blocks[0].slug == "path-unknown"
    assert run("pip install six", home="\0", env={"HOME": "/root"}).blocks == ()


@pytest.mark.parametrize(
    "command", ["pip download six", "pip wheel six", "pip install -t . six", "pip install -t / six"]
)
def test_the_working_directory_is_written_but_no_folder_of_its_own(command: str) -> None:
    effects = run(command)
    assert effects.outputs == ()
    assert effects.writes.has("/app/six.py")


def test_reports_and_logs_are_written() -> None:
    effects = run("pip install --report out.json --log pip.log six")
    assert effects.writes.has("/app/out.json")
    assert effects.writes.has("/app/pip.log")


@pytest.mark.parametrize(
    ("name", "is_blocked"),
    [
        ("logging.py", True), ("logging/__init__.py", True), ("pip/__init__.py", True), ("types.so", True),
        ("platform/linux.txt", False), ("test/__init__.py", False), ("utils.py", False), ("venv/x", False),
        ("sitecustomize.py", True), ("attr.py", True), ("keyring/__init__.py", True),
    ],
)  # fmt: skip
def test_modules_that_shadow_pips(name: str, is_blocked: bool) -> None:
    files = {name: "", "requirements.txt": "six"}
    assert bool(run("python -m pip install -r requirements.txt", files).blocks) is is_blocked
    assert bool(run("pip install -r requirements.txt", files, env={"PYTHONPATH": "\0:/app"}).blocks) is is_blocked
    assert bool(run("pip install -r requirements.txt", files, base="tiangolo/fastapi:1").blocks) is is_blocked
    assert not run("pip install -r requirements.txt", files).blocks


def test_metadata_on_the_module_path_is_read() -> None:
    files = {"foo.egg-info/PKG-INFO": "", "a.py": ""}
    assert context_reads(run("python -m pip install six", files)) == {"foo.egg-info"}
    assert context_reads(run("pip install six", files)) == set()


def test_a_module_named_venv_shadows_only_venv() -> None:
    assert run("python -m venv /v", {"venv.py": ""}).blocks
    assert not run("python -m pip install six", {"venv.py": ""}).blocks


def test_a_remote_requirements_file_raises_a_doubt_but_remote_constraints_do_not() -> None:
    assert run("pip install -r https://host/r.txt").doubts
    assert not run("pip install -c https://host/c.txt six").doubts


def test_versions_are_harmless() -> None:
    assert run("python --version") == NO_EFFECTS


FOO = {"libs/foo/foo/__init__.py": "", "libs/foo/data.txt": ""}
SETUP = {"libs/foo/setup.py": "from setuptools import setup, find_packages\nsetup(packages=find_packages())\n"}


@pytest.mark.parametrize("line", ["./libs/foo", "-e ./libs/foo", "foo @ file:///app/libs/foo"])
def test_a_project_beside_is_read_as_a_whole(line: str) -> None:
    effects = run("pip install -r requirements.txt", {"requirements.txt": line, "main.py": "", **FOO, **SETUP})
    assert effects.blocks == ()
    assert context_reads(effects) == {"requirements.txt", "libs/foo"}
    assert effects.writes.has("/app/libs/foo/build")


def test_hatchling_reads_ignore_files_above() -> None:
    project = {
        "libs/foo/pyproject.toml": '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
    }
    effects = run("pip install ./libs/foo", {**FOO, **project})
    assert effects.reads.has("/app/.gitignore")
    assert effects.reads.has("/app/libs/.gitignore")


@pytest.mark.parametrize(
    ("extra", "why"),
    [
        ({"libs/foo/foo.egg-info/PKG-INFO": ""}, "foo.egg-info is in the build context"),
        ({"libs/foo/build/x": ""}, "build is in the build context"),
        ({"libs/foo/setup.py": "open('../VERSION')"}, "'../VERSION'"),
        ({"libs/foo/setup.py": "import versioneer"}, "imports versioneer"),
        ({"libs/foo/setup.cfg": "[metadata]\nversion = file: ../VERSION\n"}, "setup.cfg sets version"),
        ({"libs/foo/pyproject.toml": '[build-system]\nrequires = ["setuptools-scm"]\n'}, "uses setuptools-scm"),
    ],
)
def test_a_project_beside_that_may_read_more(extra: dict[str, str], why: str) -> None:
    effects = run("pip install ./libs/foo", {**FOO, **SETUP, **extra})
    assert effects.blocks[0].slug == "install-builds-project"
    assert why in effects.blocks[0].why


def test_a_project_beside_with_a_symbolic_link() -> None:
    effects = run("pip install ./libs/foo", {**FOO, **SETUP}, links=("/app/libs/foo/data.txt",))
    assert "symbolic link" in effects.blocks[0].why


def test_the_whole_context_is_the_project_wherever_it_lies() -> None:
    effects = run("pip install /src[extra]", {**SETUP, "setup.py": "import os\nopen('README.md')\n"}, root="/src")
    assert effects.blocks[0].slug == "install-builds-project"
    assert "README.md" in effects.blocks[0].why


def test_a_project_that_an_earlier_step_made() -> None:
    assert run("pip install /src/foo", made=("/src/foo",)).blocks == ()
    assert run("pip install ./foo", made=("/app/foo",)).blocks[0].slug == "install-builds-project"


DECLARED = (
    '[project]\nname = "shop"\ndependencies = ["six>=1", "flask; python_version > \'3\'"]\n'
    '[project.optional-dependencies]\ntest = ["pytest"]\ndev = ["shop[test]", "ruff"]\n'
)
SETUP_CFG = "[options]\ninstall_requires =\n    six>=1\n    # no\n    flask\n[options.extras_require]\ndev = ruff\n"


def _prefetch(command: str, files: dict[str, str]) -> Prefetch | None:
    words = tuple(shlex.split(command))
    view = FakeView(MemoryTree(dict(files)), root="/app", made=(), links=())
    manager = find_manager(words[0])
    assert manager is not None
    assert manager.find_prefetch is not None
    return manager.find_prefetch(Call(words, words[0], "/app", {}, "root", "/root", "python:3.11-slim", view))


@pytest.mark.parametrize(
    ("command", "files", "argv"),
    [
        ("pip install --no-cache-dir .", {"pyproject.toml": DECLARED}, "pip install --no-cache-dir {}"),
        ("pip install -e .", {"pyproject.toml": DECLARED}, "pip install {}"),
        ("pip install -e '.[dev]'", {"pyproject.toml": DECLARED}, "pip install {} ruff pytest"),
        ("python -m pip install .", {"pyproject.toml": DECLARED}, "python -m pip install {}"),
    ],
)
def test_listed_dependencies_come_first_with_a_doubt(command: str, files: dict[str, str], argv: str) -> None:
    found = _prefetch(command, files)
    assert found is not None
    assert shlex.join(found.argv) == argv.format("'six>=1' " + shlex.quote("flask; python_version > '3'"))
    assert found.doubts


def test_setup_cfg_lists_dependencies_too() -> None:
    found = _prefetch("pip install .[dev]", {"setup.cfg": SETUP_CFG, "setup.py": ""})
    assert found is not None
    assert found.argv == ("pip", "install", "six>=1", "flask", "ruff")


@pytest.mark.parametrize(
    ("command", "files"),
    [
        ("pip install .", {"setup.py": "from setuptools import setup\nsetup(install_requires=['six'])\n"}),
        ("pip install .", {"pyproject.toml": '[project]\nname = "a"\ndynamic = ["dependencies"]\n'}),
        ("pip install .", {"pyproject.toml": '[project]\nname = "a"\ndependencies = []\n'}),
        ("pip install .", {"pyproject.toml": '[project]\nname = "a"\ndependencies = ["b @ file:///app/b"]\n'}),
        ("pip install .", {"setup.cfg": "[options]\ninstall_requires = file: requirements.txt\n"}),
        ("pip install --no-deps .", {"pyproject.toml": DECLARED}),
        ("pip install . six", {"pyproject.toml": DECLARED}),
        ("pip install six", {"pyproject.toml": DECLARED}),
        ("python setup.py develop", {"pyproject.toml": DECLARED, "setup.py": ""}),
    ],
)
def test_nothing_is_listed_or_asked_for(command: str, files: dict[str, str]) -> None:
    assert _prefetch(command, files) is None
