FROM python:3.11-slim
COPY requirements.txt /app
RUN pip install --quiet -r /app/requirements.txt
COPY server.py /app/
CMD ["python", "/app/server.py"]
