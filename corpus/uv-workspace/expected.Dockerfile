FROM python:3.11-slim
RUN pip install --no-cache-dir uv==0.9.9
ENV UV_NATIVE_TLS=1
WORKDIR /app
COPY pyproject.toml uv.lock ./
COPY packages/alpha/pyproject.toml packages/alpha/
COPY packages/beta/pyproject.toml packages/beta/
RUN uv sync --locked --no-dev --no-install-workspace
COPY . .
RUN uv sync --locked --no-dev
