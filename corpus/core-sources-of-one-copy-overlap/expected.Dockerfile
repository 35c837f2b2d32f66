FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt other.txt ./
RUN pip install --quiet -r requirements.txt
COPY a . ./
CMD ["python", "server.py"]
