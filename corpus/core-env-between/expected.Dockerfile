FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
ENV PIP_NO_CACHE_DIR=1 \
    APP_HOME=/app
RUN pip install -r requirements.txt
COPY . .
CMD ["python", "server.py"]
