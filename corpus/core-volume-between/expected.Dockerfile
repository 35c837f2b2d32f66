FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
VOLUME /data
RUN pip install -r requirements.txt
COPY . .
RUN echo 1 > /data/x
CMD ["python", "server.py"]
