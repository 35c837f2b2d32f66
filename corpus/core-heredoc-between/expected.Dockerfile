# syntax=docker/dockerfile:1
FROM python:3.11-slim
WORKDIR /app
RUN <<EOF
mkdir -p /var/cache/app
COPY=not-an-instruction
EOF
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY . .
CMD ["python", "server.py"]
