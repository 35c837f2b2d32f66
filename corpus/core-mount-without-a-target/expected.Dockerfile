FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
RUN --mount=type=ssh --mount=type=secret,id=token pip install --quiet -r requirements.txt
COPY . .
CMD ["python", "server.py"]
