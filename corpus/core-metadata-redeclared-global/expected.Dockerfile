ARG GIT_SHA=unknown
FROM python:3.11-slim
RUN pip install idna==3.7
ARG GIT_SHA
LABEL sha=$GIT_SHA
