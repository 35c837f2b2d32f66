FROM python:3.11-slim
COPY requirements.txt /app/
WORKDIR /app
RUN pip install -r requirements.txt
# Grüße
COPY . /app
