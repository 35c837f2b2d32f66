FROM python:3.11-slim
RUN pip install --no-cache-dir pdm==2.29.4 hishel==1.4.0
WORKDIR /app
COPY pyproject.toml pdm.lock ./
RUN pdm sync
COPY . .
