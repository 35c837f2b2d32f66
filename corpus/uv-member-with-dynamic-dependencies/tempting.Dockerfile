FROM python:3.11-slim
RUN pip install --no-cache-dir uv==0.9.9
ENV UV_NATIVE_TLS=1
WORKDIR /app
COPY pyproject.toml uv.lock ./
COPY libs/b/pyproject.toml libs/b/
RUN uv sync --locked --no-install-workspace
COPY . .
RUN uv sync --locked
CMD ["uv", "run", "main.py"]
