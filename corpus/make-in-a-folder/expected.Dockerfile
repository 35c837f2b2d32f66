FROM python:3.11-slim
RUN apt-get update && apt-get install -y --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY tools/Makefile tools/deps.mk tools/
COPY requirements/production.txt requirements/
RUN make -s -C tools setup STAGE=production
COPY . .
CMD ["python", "app.py"]
