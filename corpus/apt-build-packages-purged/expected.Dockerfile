FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
RUN set -eux; \
    apt-get update; \
    apt-get install -y --no-install-recommends tree; \
    pip install --no-cache-dir -r requirements.txt; \
    apt-get purge -y --auto-remove tree; \
    rm -rf /var/lib/apt/lists/*
COPY . .
CMD ["python", "app.py"]
