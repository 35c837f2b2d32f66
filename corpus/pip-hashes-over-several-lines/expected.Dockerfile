FROM python:3.11-slim
WORKDIR /app
COPY requirements.lock .
RUN pip install --require-hashes -r requirements.lock
COPY . .
CMD ["python", "main.py"]
