FROM python:3.11-slim
WORKDIR /app
COPY src/requirements.txt .
RUN pip install -r requirements.txt
RUN apt-get update && apt-get install -y nano
RUN pip install -r requirements.txt
COPY . .
COPY src .
