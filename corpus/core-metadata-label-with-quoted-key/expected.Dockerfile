FROM debian:12
RUN apt-get update && apt-get install -y --no-install-recommends nano
ARG GIT_SHA=1
LABEL "org.example.rev"=$GIT_SHA
LABEL org.example.rev=x
