FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir -r requirements.txt
COPY . .
CMD [".venv/bin/python", "main.py"]
