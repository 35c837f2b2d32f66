FROM debian:12
ARG KEY=org.example.rev
RUN apt-get update && apt-get install -y --no-install-recommends nano
ARG GIT_SHA=1
LABEL org.example.rev=$GIT_SHA
LABEL $KEY=x
