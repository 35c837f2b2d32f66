FROM python:3.11-slim
WORKDIR /app
ENV PIP_CONSTRAINT=limits.txt PIP_NO_CACHE_DIR=1
COPY requirements.txt limits.txt ./
RUN pip install -r requirements.txt
COPY . .
