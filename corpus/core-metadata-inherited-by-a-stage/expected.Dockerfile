FROM python:3.11-slim AS base
RUN pip install idna==3.7
ARG VCS_REF

FROM base
RUN echo "$VCS_REF" > /ref
