FROM python:3.11-slim
RUN pip install --no-cache-dir uv==0.9.9
ENV UV_NATIVE_TLS=1
WORKDIR /app
COPY pyproject.toml ./
RUN uv sync
COPY . .
CMD ["uv", "run", "main.py"]
