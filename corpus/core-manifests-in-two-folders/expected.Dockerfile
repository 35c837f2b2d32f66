FROM python:3.11-slim
WORKDIR /app
COPY a/requirements.txt a/
COPY b/requirements.txt b/
RUN pip install --quiet -r a/requirements.txt -r b/requirements.txt
COPY . .
CMD ["python", "a/server.py"]
