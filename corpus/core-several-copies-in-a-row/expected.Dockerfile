FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
RUN pip install --quiet -r requirements.txt
COPY server.py .
COPY lib ./lib
COPY templates ./templates
CMD ["python", "server.py"]
