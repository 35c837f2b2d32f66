FROM python:3.11-slim
WORKDIR /app
RUN --mount=type=cache,target=/root/.cache/pip \
    --mount=type=bind,source=requirements.txt,target=/tmp/requirements.txt \
    pip install --quiet -r /tmp/requirements.txt
COPY . .
CMD ["python", "server.py"]
