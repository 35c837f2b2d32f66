FROM python:3.7-slim-buster

COPY requirements.txt .
RUN pip install --quiet -r requirements.txt
COPY . .

ENTRYPOINT ["python", "server.py"]
