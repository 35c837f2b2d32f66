FROM python:3.11-slim
WORKDIR /app
COPY --link requirements.txt .
RUN pip install -r requirements.txt
COPY --link . .
CMD ["python", "server.py"]
