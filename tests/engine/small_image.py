"""A base image of a few programs: one of 180 MB takes seconds to read each time."""

from __future__ import annotations

from engine import builds

SMALL = f"dockerfile-fix-test:{builds.RUN_ID}-small"
_PROGRAMS = "sh cat chmod chown cp date head ln mkdir mktemp rm sleep test touch"
MAKE_SMALL = f"""FROM debian:bookworm-slim AS all
RUN mkdir -p /r/tmp /r/var/tmp /r/var/log /r/srv /r/etc /r/bin && cp /etc/passwd /r/etc && for p in {_PROGRAMS}; do \\
  cp -L --parents $(ldd /bin/$p | grep -o '/[^ ]*') /r && cp -L /bin/$p /r/bin/ || exit 1; done
FROM scratch
COPY --from=all /r /
ENV PATH=/bin
"""
