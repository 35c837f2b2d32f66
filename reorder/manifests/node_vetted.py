"""Dependencies that run a script when they are installed, and why most of those do not look at the project.

A script of a dependency runs in its own folder. What those of the groups below do elsewhere was read in the published
packages for the ones that look at the project (@sentry/cli, protobufjs, msw, nx, lefthook, ...) and is common knowledge
for the rest; a package that is not listed is a doubt, not a refusal.
"""

from __future__ import annotations

from typing import Final

from reorder.lazy_patterns import lazy_pattern

_OWN_BINARY = "it fetches or checks its own program"
_ADDON = "it compiles or fetches its own native addon"
_NOTICE = "it prints a notice, or reports the install"
_OWN_FILES = "it changes only its own files"
_NO_SCRIPT = "it has none; pnpm marks packages that are optional somewhere without having looked"
_MANIFEST_ONLY = "of the project it reads package.json at most"

VETTED: Final[dict[str, str]] = {
    **dict.fromkeys(
        """
        @apollo/rover @biomejs/biome @bufbuild/buf @expo/ngrok-bin @ffmpeg-installer/ffmpeg
        @ffmpeg-installer/linux-x64 @ffprobe-installer/ffprobe @playwright/browser-chromium @playwright/test
        @prisma/engines @sentry/cli @swc/core @vscode/ripgrep chromedriver cwebp-bin cypress dprint electron
        electron-chromedriver esbuild ffmpeg-static ffprobe-static flow-bin geckodriver gifsicle grpc-tools hugo-bin
        hugo-extended jpegtran-bin mongodb-memory-server mongodb-memory-server-core mongodb-memory-server-global
        mozjpeg ngrok optipng-bin phantomjs phantomjs-prebuilt playwright playwright-chromium playwright-firefox
        playwright-webkit pngquant-bin prisma redis-memory-server sass-embedded supabase vscode-ripgrep workerd
        youtube-dl-exec
        """.split(),
        _OWN_BINARY,
    ),
    **dict.fromkeys(
        """
        @airbnb/node-memwatch @contrast/agent @datadog/native-metrics @datadog/pprof @discordjs/opus
        @journeyapps/sqlcipher @newrelic/native-metrics @parcel/watcher @serialport/bindings @serialport/bindings-cpp
        @tensorflow/tfjs-node @vscode/sqlite3 appdynamics argon2 aws-crt bcrypt better-sqlite3 bigint-buffer blake3
        bson-ext bufferutil canvas classic-level couchbase cpu-features dd-trace deasync diskusage dtrace-provider
        duckdb epoll farmhash farmhash-modern ffi-napi fibers fsevents gc-stats gl grpc heapdump hiredis i2c-bus
        ibm_db iconv iltorb isolated-vm keccak kerberos keytar leveldown libpq libxmljs libxmljs2 lmdb lzma-native
        microtime mmmagic mongodb-client-encryption msgpackr-extract nice-napi node-expat node-hid node-libcurl
        node-pty node-rdkafka node-sass nodegit odbc onnxruntime-node oracledb pg-native posix re2 ref-napi robotjs
        rocksdb scrypt secp256k1 segfault-handler serialport sharp skia-canvas snappy sodium-native sqlite3 ssh2
        tree-sitter ttf2woff2 unix-dgram unrs-resolver usb userid utf-8-validate uws v8-profiler-next wrtc xxhash
        zeromq
        """.split(),
        _ADDON,
    ),
    **dict.fromkeys(
        """
        @angular/cli @apollo/protobufjs @compodoc/compodoc @fortawesome/fontawesome @fortawesome/fontawesome-free
        @fortawesome/fontawesome-svg-core @fortawesome/free-brands-svg-icons @fortawesome/free-regular-svg-icons
        @fortawesome/free-solid-svg-icons @ibm/telemetry-js @nestjs/core @openapitools/openapi-generator-cli
        @scarf/scarf bootstrap-vue core-js core-js-bundle core-js-pure ejs es5-ext gatsby gatsby-cli gatsby-telemetry
        inferno nodemon nuxt preact-cli styled-components swagger-ui truffle type-graphql web3 web3-bzz web3-shh
        """.split(),
        _NOTICE,
    ),
    **dict.fromkeys("@firebase/util vue-demi vue-echarts".split(), _OWN_FILES),
    **dict.fromkeys("protobufjs puppeteer".split(), _MANIFEST_ONLY),
    **dict.fromkeys("errno iconv-lite image-size make-dir mime needle prr safer-buffer sax".split(), _NO_SCRIPT),
}
"""Package names whose install scripts neither read nor write the project's own sources."""

HOOK_INSTALLERS: Final = frozenset(
    "@arkweid/lefthook @evilmartians/lefthook ghooks husky lefthook pre-commit pre-push simple-git-hooks yorkie".split()
)
"""They set up git hooks in the project's repository, and do nothing where there is none."""

CONFIGURED: Final[dict[str, str]] = {
    "nx": "nx.json",
    "@nrwl/cli": "nx.json",
    "@nrwl/workspace": "nx.json",
    "@sveltejs/kit": "svelte.config.js",
    "semantic-ui": "package.json",
    "fomantic-ui": "package.json",
}
"""Packages whose script works on the whole project, once that file is there."""

OFFENDERS: Final = frozenset(("@prisma/client", "msw", "puppeteer", *HOOK_INSTALLERS, *CONFIGURED))
"""Names that need a look even where the lock file does not say who has a script."""

_PUPPETEER = (".puppeteerrc", "puppeteer.config", ".config/puppeteerrc")
_SUFFIXES = ("", ".js", ".cjs", ".mjs", ".ts", ".json", ".yaml", ".yml")

PROBES: Final[dict[str, tuple[str, ...]]] = {
    "puppeteer": tuple(f"{stem}{suffix}" for stem in _PUPPETEER for suffix in _SUFFIXES),
    "@sentry/cli": (".sentryclirc", ".env"),
    "lefthook": ("lefthook.yml", ".lefthook.yml", "lefthook.yaml", "lefthook.toml", "lefthook.json"),
    "simple-git-hooks": (
        ".simple-git-hooks.js",
        ".simple-git-hooks.json",
        "simple-git-hooks.js",
        "simple-git-hooks.json",
    ),
    "husky": (".huskyrc", ".huskyrc.json", ".huskyrc.js", ".huskyrc.yaml", ".huskyrc.yml", "husky.config.js"),
}
"""Configuration of the project that a script looks for."""

_PATTERNS = lazy_pattern(
    r"@(?:esbuild|swc|img|parcel|rollup|next|tailwindcss|biomejs|unrs)/[\w.-]+|tree-sitter-[\w-]+"
    r"|(?:lefthook|turbo|esbuild|workerd|lightningcss)-(?:linux|darwin|windows|freebsd|openbsd|android)[\w-]*"
)
"""Families of packages that hold one program or addon each, for one platform."""


def reason_vetted(name: str) -> str | None:
    """Why the install script of ``name`` cannot depend on the project's sources; None if that is unknown."""
    if name in VETTED:
        return VETTED[name]
    return _OWN_BINARY if _PATTERNS.fullmatch(name) else None
