FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt /app/
RUN pip install --quiet -r requirements.txt
COPY server.py /app/
CMD ["python", "server.py"]
