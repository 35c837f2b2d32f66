FROM python:3.11-slim
RUN apt-get update && apt-get install -y git && git clone https://github.com/benjaminp/six.git /opt/six
WORKDIR /app
RUN pip install /opt/six
COPY . .
