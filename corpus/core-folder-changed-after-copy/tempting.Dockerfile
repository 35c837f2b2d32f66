FROM python:3.11-slim
RUN useradd app
WORKDIR /app
COPY requirements.txt .
RUN mkdir -p logs && chown app logs
RUN pip install --quiet -r requirements.txt
COPY . .
CMD ["python", "server.py"]
