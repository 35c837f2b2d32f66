FROM python:3.11-slim
RUN pip install idna==3.7
ARG VERSION=dev
LABEL version=$VERSION
