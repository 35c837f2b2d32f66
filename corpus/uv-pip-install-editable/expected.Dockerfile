FROM python:3.11-slim
RUN pip install --no-cache-dir uv==0.9.9
ENV UV_NATIVE_TLS=1
WORKDIR /app
ENV VIRTUAL_ENV=/opt/venv
RUN uv venv /opt/venv
COPY pyproject.toml .
RUN uv pip install -r pyproject.toml --extra dev
COPY . .
RUN uv pip install -e '.[dev]'
