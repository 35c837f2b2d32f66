FROM python:3.11-slim
COPY requirements.txt /app/
WORKDIR /app
RUN pip install --quiet -r requirements.txt
COPY . /app
CMD ["python", "server.py"]
