FROM python:3.11-slim
WORKDIR /app
COPY service/requirements.txt service/
RUN pip install -r service/requirements.txt
COPY service service
CMD ["python", "service/server.py"]
