FROM python:3.11-slim
WORKDIR /app
COPY docker/requirements.txt ./
RUN pip install --quiet -r requirements.txt
COPY . .
COPY docker/requirements.txt docker/run.py ./
CMD ["python", "run.py"]
