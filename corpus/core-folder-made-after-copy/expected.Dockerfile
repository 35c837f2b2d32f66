FROM python:3.11-slim
RUN useradd app
WORKDIR /app
RUN mkdir -p logs && chown app logs
COPY requirements.txt .
RUN pip install --quiet -r requirements.txt
COPY . .
CMD ["python", "server.py"]
