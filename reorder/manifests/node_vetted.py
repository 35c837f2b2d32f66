"""Dependencies that run a script when they are installed, and why most of those do not look at the project.

A script of a dependency runs in its own folder. What it does elsewhere was read in the published packages.
"""

from __future__ import annotations

import re
from typing import Final

_OWN_BINARY = "it fetches or checks its own program"
_ADDON = "it compiles or fetches its own native addon"
_NOTICE = "it prints a notice"
_OWN_FILES = "it changes only its own files"
_MANIFEST_ONLY = "of the project it reads package.json at most"

VETTED: Final[dict[str, str]] = {
    **dict.fromkeys(
        """
        esbuild workerd cypress electron electron-chromedriver chromedriver geckodriver iedriver phantomjs-prebuilt
        phantomjs playwright playwright-chromium playwright-firefox playwright-webkit @playwright/browser-chromium
        @playwright/test ngrok @expo/ngrok-bin ffmpeg-static ffprobe-static @ffmpeg-installer/ffmpeg
        @ffmpeg-installer/linux-x64 @ffprobe-installer/ffprobe youtube-dl-exec yt-dlp-exec gifsicle mozjpeg optipng-bin
        pngquant-bin jpegtran-bin cwebp-bin pngout-bin advpng-bin guetzli gif2webp-bin jpegoptim-bin zopflipng-bin
        hugo-extended @vscode/ripgrep vscode-ripgrep elm elm-format purescript spago @biomejs/biome rome dprint
        @bufbuild/buf grpc-tools protoc-gen-grpc-web supabase @railway/cli @sentry/cli @apollo/rover turbo @swc/core
        @prisma/engines prisma @sentry-internal/node-cpu-profiler stripe-cli @stoplight/spectral-cli git-lfs
        mongodb-memory-server mongodb-memory-server-global mongodb-memory-server-core redis-memory-server flow-bin
        puppeteer-chromium-resolver @go-task/cli go-npm @tailwindcss/oxide lightningcss-cli sass-embedded dart-sass
        @pact-foundation/pact-node @pact-foundation/pact-core dugite @cloudflare/workerd-linux-64 deno bun
        cloudflared wkhtmltopdf-installer
        """.split(),
        _OWN_BINARY,
    ),
    **dict.fromkeys(
        """
        fsevents sharp bcrypt node-sass better-sqlite3 sqlite3 @vscode/sqlite3 better-sqlite3-multiple-ciphers
        @journeyapps/sqlcipher duckdb canvas keytar grpc deasync leveldown classic-level rocksdb iconv re2 argon2
        node-pty cpu-features ssh2 dtrace-provider microtime usb serialport @serialport/bindings
        @serialport/bindings-cpp libxmljs libxmljs2 bigint-buffer secp256k1 keccak sha3 bufferutil utf-8-validate
        @parcel/watcher lmdb msgpackr-extract nice-napi heapdump memwatch-next @airbnb/node-memwatch v8-profiler
        v8-profiler-next uws fibers farmhash farmhash-modern snappy kerberos zeromq oracledb odbc ibm_db couchbase
        node-rdkafka sodium-native sodium @tensorflow/tfjs-node @tensorflow/tfjs-node-gpu onnxruntime-node
        @discordjs/opus node-opus tree-sitter diskusage posix userid gc-stats event-loop-stats nodegit ursa
        ursa-optional x11 robotjs ref ffi ref-napi ffi-napi ref-struct-di unix-dgram node-expat hiredis bson-ext
        bson node-libcurl mapnik gl node-webpmux scrypt xxhash cld nsfw ttf2woff2 iltorb zopfli-node lzma-native
        isolated-vm interruptor node-hid bluetooth-hci-socket @abandonware/noble pg-native libpq mmmagic
        node-gyp-build aws-crt @datadog/native-metrics @datadog/pprof @newrelic/native-metrics dd-trace
        @contrast/agent appdynamics @instana/autoprofile gcstats.js elastic-apm-node-native skia-canvas
        @napi-rs/canvas argon2-browser crc32-stream segfault-handler raspberry-pi i2c-bus spi-device epoll pi-spi
        drivelist mountutils macos-alias ds-store @mongodb-js/zstd mongodb-client-encryption node-snap7 ws-native
        unrs-resolver @datadog/libdatadog @bitdisaster/exe-icon-extractor wrtc node-datachannel zlib-sync erlpack
        hnswlib-node faiss-node vectordb sqlite-vec node-llama-cpp @xenova/transformers protobuf nan jsonnet
        @tree-sitter-grammars/tree-sitter-yaml tree-sitter-json utp-native blake2 blake3 node-zopfli-es
        @signalapp/libsignal-client @matrix-org/matrix-sdk-crypto-nodejs matrix-sdk-crypto-nodejs
        """.split(),
        _ADDON,
    ),
    **dict.fromkeys(
        """
        core-js core-js-pure core-js-bundle es5-ext ejs nodemon styled-components bootstrap-vue @nestjs/core nuxt
        @nuxt/opencollective opencollective web3 web3-bzz web3-shh gatsby gatsby-cli gatsby-telemetry preact-cli
        react-native-elements carbon-components @fortawesome/fontawesome @fortawesome/fontawesome-free
        @fortawesome/fontawesome-svg-core @fortawesome/free-solid-svg-icons @fortawesome/free-regular-svg-icons
        @fortawesome/free-brands-svg-icons @angular/cli vuejs-paginate swagger-ui inferno highlight.js wd truffle
        ganache type-graphql tldjs @openapitools/openapi-generator-cli @compodoc/compodoc @scarf/scarf
        @ibm/telemetry-js netlify-cli detox snyk mjml-core postinstall-postinstall yarn npm-lifecycle
        element-theme-chalk ckeditor4 sqlite uglifyjs-webpack-plugin spawn-sync loadtest json-server nightwatch
        @ng-bootstrap/ng-bootstrap nx-cloud @apollo/protobufjs aws-amplify @aws-amplify/cli apexcharts-cli
        """.split(),
        _NOTICE,
    ),
    **dict.fromkeys(
        """
        vue-demi @firebase/util @intlify/vue-i18n-bridge vue-echarts @vueuse/core @vueuse/shared pinia @vue/demi
        @mui/x-telemetry cwebp jss event-stream wordpos dotenv-vault leveldown-hyper sauce-connect-launcher
        """.split(),
        _OWN_FILES,
    ),
    **dict.fromkeys("protobufjs puppeteer hugo-bin openapi-typescript-codegen".split(), _MANIFEST_ONLY),
}
"""Package names whose install scripts neither read nor write the project's own sources."""

HOOK_INSTALLERS: Final = frozenset(
    "husky yorkie ghooks pre-commit pre-push simple-git-hooks lefthook @evilmartians/lefthook lefthook-linux-x64"
    " @arkweid/lefthook git-pre-commit precommit-hook shared-git-hooks @commitlint/husky git-hooks".split()
)
"""They set up git hooks in the project's repository, and do nothing where there is none."""

CONFIGURED: Final[dict[str, tuple[str, ...]]] = {
    "nx": ("nx.json",),
    "@nrwl/cli": ("nx.json",),
    "@nrwl/workspace": ("nx.json",),
    "@sveltejs/kit": ("svelte.config.js",),
    "semantic-ui": ("package.json",),
    "semantic-ui-less": ("semantic.json",),
    "fomantic-ui": ("package.json",),
}
"""Packages whose script works on the whole project, once one of these files is there."""

OFFENDERS: Final = frozenset(("@prisma/client", "msw", *HOOK_INSTALLERS, *CONFIGURED))
"""Names that need a look even where the lock file does not say who has a script."""

PROBES: Final[dict[str, tuple[str, ...]]] = {
    "puppeteer": tuple(
        f"{stem}.{suffix}"
        for stem in (".puppeteerrc", "puppeteer.config", ".config/puppeteerrc")
        for suffix in ("js", "cjs", "mjs", "ts", "json", "yaml", "yml")
    )
    + (".puppeteerrc", ".config/puppeteerrc"),
    "@sentry/cli": (".sentryclirc", ".env"),
    "lefthook": ("lefthook.yml", ".lefthook.yml", "lefthook.yaml", "lefthook.toml", "lefthook.json", "lefthook-local.yml"),
    "simple-git-hooks": (".simple-git-hooks.js", ".simple-git-hooks.cjs", ".simple-git-hooks.json",
                         "simple-git-hooks.js", "simple-git-hooks.cjs", "simple-git-hooks.json"),
    "husky": (".huskyrc", ".huskyrc.json", ".huskyrc.js", ".huskyrc.yaml", ".huskyrc.yml", "husky.config.js"),
}  # fmt: skip
"""Configuration of the project that a script looks for."""

_PATTERNS = re.compile(
    r"@(?:esbuild|swc|img|parcel|rollup|next|tailwindcss|napi-rs|node-rs|sentry/cli|biomejs|unrs|oxc-[a-z]+)/[\w.-]+"
    r"|tree-sitter-[\w-]+|(?:lefthook|turbo|esbuild|workerd|lightningcss)-(?:linux|darwin|windows|freebsd|openbsd|android)[\w-]*"
)


def reason_vetted(name: str) -> str | None:
    """Why the install script of the package ``name`` cannot depend on the project's sources; None if that is unknown."""
    if name in VETTED:
        return VETTED[name]
    return _OWN_BINARY if _PATTERNS.fullmatch(name) else None
