FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt ./
RUN pip install --quiet -r requirements.txt
COPY server.py \
  # what the service installs
  requirements.txt \
  ./
CMD ["python", "server.py"]
