FROM debian:12
ARG GIT_REPO=https://github.com/pyenv/pyenv.git
ARG GIT_BRANCH=v2.4.0
RUN apt-get update && apt-get install -y git
ARG BUILD_DATE
LABEL org.opencontainers.image.created=$BUILD_DATE
RUN git clone --depth 1 --branch $GIT_BRANCH $GIT_REPO /opt/pyenv
