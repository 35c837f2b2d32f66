FROM python:3.11-slim
RUN pip install idna==3.7
ARG COMMIT_HASH
RUN mkdir /app && echo "$COMMIT_HASH" > /app/commit
RUN pip install six==1.16.0
ARG BUILD_DATE
LABEL built="$BUILD_DATE" commit="$COMMIT_HASH"
