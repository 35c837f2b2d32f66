FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
RUN pip install --quiet -r requirements.txt
RUN apt-get update && apt-get install -y --no-install-recommends tree && rm -rf /var/lib/apt/lists/*
COPY . .
CMD ["python", "server.py"]
