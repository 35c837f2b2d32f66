FROM python:3.11-slim
WORKDIR /app
RUN pip install idna==3.7

ARG GIT_SHA=unknown
# tell which commit this is
RUN echo "$GIT_SHA" > /app/version
