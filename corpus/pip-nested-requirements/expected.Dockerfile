FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
COPY req/base.txt req/
COPY req/limits/upper.txt req/limits/
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
CMD ["python", "main.py"]
